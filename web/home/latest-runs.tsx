import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RunSummary } from '../../server/flows/contract.ts';
import { PageLink } from '../ui/links.tsx';
import list from '../ui/list.module.css';
import { Panel } from '../ui/panel.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useText } from '../ui/text.ts';
import css from './home.module.css';

export function LatestRuns({ runs }: { runs: RunSummary[] }) {
  const { t } = useTranslation('home');
  const say = useText();
  return (
    <Panel title={t('latest')} aside={runs.length > 0 && <PageLink to="/runs">{t('allRuns')}</PageLink>}>
      {runs.length === 0 ? (
        <Text c="dimmed">{t('latestNone')}</Text>
      ) : (
        <Table verticalSpacing="sm" className={list.list} style={{ '--list-inset': '0px' }}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('record')}</Table.Th>
              <Table.Th visibleFrom="sm">{t('flow')}</Table.Th>
              <Table.Th>{t('state')}</Table.Th>
              <Table.Th className="numbers">{t('when')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {runs.map((run) => (
              <Table.Tr key={run.id}>
                <Table.Td>
                  <PageLink to="/runs/$runId" params={{ runId: run.id }} className={css.record}>
                    {run.record.label}
                  </PageLink>
                </Table.Td>
                <Table.Td visibleFrom="sm">{run.flow.name}</Table.Td>
                <Table.Td>
                  <StateBadge of="run" state={run.state} plain />
                  {run.reason && run.state !== 'done' && (
                    <Text size="xs" c="dimmed" lineClamp={2} visibleFrom="sm" maw={480}>
                      {say(run.reason.text)}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td className="numbers">
                  <RelativeTime at={run.finishedAt ?? run.startedAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
