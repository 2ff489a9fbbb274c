import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FlowState } from '../../server/flows/contract.ts';
import { sizeInWords } from '../settings/sizes.ts';
import { PageLink } from '../ui/links.tsx';
import { Panel } from '../ui/panel.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import css from './home.module.css';
import type { Overview } from './overview.ts';

const order: FlowState[] = ['paused', 'works', 'waits', 'stopped'];

/** Flows by state, and today's counts; each leads to what it counts. */
export function Numbers({ overview }: { overview: Overview }) {
  const { t, i18n } = useTranslation('home');
  const count = new Intl.NumberFormat(i18n.language);
  return (
    <Stack>
      <Panel title={t('flows')}>
        <dl className={css.counts}>
          {overview.flows
            .filter((row) => row.count > 0)
            .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
            .map((row) => (
              <div key={row.state}>
                <dt>
                  <StateBadge of="flow" state={row.state} plain />
                </dt>
                <dd>
                  <PageLink to="/flows" search={{ state: row.state }}>
                    {count.format(row.count)}
                  </PageLink>
                </dd>
              </div>
            ))}
        </dl>
      </Panel>
      <Panel title={t('today')}>
        <dl className={css.counts}>
          <div>
            <dt>{t('runs')}</dt>
            <dd>
              <PageLink to="/runs">{count.format(overview.runsToday)}</PageLink>
            </dd>
          </div>
          <div>
            <dt>{t('failures')}</dt>
            <dd>
              <PageLink to="/runs" search={{ states: 'rejected,dead,unknown' }}>
                {count.format(overview.failuresToday)}
              </PageLink>
            </dd>
          </div>
        </dl>
        <Text size="sm" c="dimmed" mt="sm">
          {t('historySize')} <PageLink to="/settings">{sizeInWords(overview.historyBytes, i18n.language)}</PageLink>
        </Text>
      </Panel>
    </Stack>
  );
}
