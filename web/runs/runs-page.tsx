import { Button, Group } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { runsApi } from '../../server/flows/contract.ts';
import { call } from '../api.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { useZone } from '../ui/zone.ts';
import { RerunMany } from './rerun-many.tsx';
import { RunFilters } from './run-filters.tsx';
import { RunTable } from './run-table.tsx';
import { addressOf, type RunSearch, runSearch, spanOf } from './search.ts';

/** `/runs`: what every flow did, newest first. */
export function RunsPage() {
  const { t } = useTranslation('runs');
  const navigate = useNavigate();
  const search = runSearch.parse(useSearch({ strict: false }));
  const filtered =
    search.flow !== undefined || search.states.length > 0 || search.when !== 'all' || search.q !== undefined;
  const runs = useRuns(search);
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (next: RunSearch) => void navigate({ to: '/runs', search: addressOf(next) as never, replace: true });
  const everything: RunSearch = { states: [], when: 'all' };
  return (
    <Page
      title={t('title')}
      toolbar={<RunFilters search={search} onChange={change} />}
      action={<RerunMany search={search} none={items.length === 0} />}
    >
      {runs.error && <Failure error={runs.error} retry={() => void runs.refetch()} />}
      {runs.isPending && !runs.error && <Loading rows={8} height={44} />}
      {runs.data && items.length === 0 && !filtered && <Empty title={t('none')} more={t('noneMore')} />}
      {runs.data && items.length === 0 && filtered && (
        <Empty title={t('nothing')}>
          <Button variant="default" onClick={() => change(everything)}>
            {t('clear')}
          </Button>
        </Empty>
      )}
      {items.length > 0 && <RunTable runs={items} />}
      {runs.hasNextPage && (
        <Group justify="center" mt={16}>
          <Button variant="default" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            {t('more')}
          </Button>
        </Group>
      )}
    </Page>
  );
}

/** The first key is the endpoint's path, by which live events make it old. */
function useRuns(search: RunSearch) {
  const zone = useZone();
  const span = spanOf(search, zone);
  const query = { flow: search.flow, states: search.states.join(',') || undefined, q: search.q, ...span };
  return useInfiniteQuery({
    queryKey: [runsApi.listRuns.path, query],
    queryFn: ({ pageParam }) =>
      call(runsApi.listRuns, { query: { ...query, ...(pageParam ? { after: pageParam } : {}) } }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}
