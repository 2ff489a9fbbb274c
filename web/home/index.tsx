import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { connectionsApi } from '../../server/connections/contract.ts';
import { settingsApi } from '../../server/settings/contract.ts';
import { queryOf } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Begin } from './begin.tsx';
import css from './home.module.css';
import { LatestRuns } from './latest-runs.tsx';
import { NeedsYou } from './needs-you.tsx';
import { Numbers } from './numbers.tsx';

/** The chart's library weighs as much as the rest of the page: the page does not wait for it. */
const Day = lazy(() => import('./day.tsx').then((room) => ({ default: room.Day })));

/** Is everything running, what needs me. */
export function HomePage() {
  const { t } = useTranslation('home');
  const overview = useQuery({ ...queryOf(settingsApi.getOverview), refetchInterval: 60_000 });
  const connections = useQuery(queryOf(connectionsApi.listConnections));
  const failed = [overview, connections].find((query) => query.isError);
  const flows = overview.data?.flows.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const beginning = flows === 0 || connections.data?.length === 0;
  return (
    <Page title={t('title')}>
      {failed && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      {!failed && !(overview.data && connections.data) && <Loading rows={4} height={96} />}
      {overview.data && connections.data && beginning && <Begin connections={connections.data.length} />}
      {overview.data && connections.data && !beginning && (
        <Stack>
          <NeedsYou overview={overview.data} />
          <div className={css.row}>
            <Numbers overview={overview.data} />
            <Suspense fallback={<Skeleton height={300} />}>
              <Day hours={overview.data.hours} />
            </Suspense>
          </div>
          <LatestRuns runs={overview.data.latest} />
        </Stack>
      )}
    </Page>
  );
}
