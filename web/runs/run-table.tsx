import { Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RunSummary } from '../../server/flows/contract.ts';
import framed from '../ui/framed-list.module.css';
import { PageLink } from '../ui/links.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useText } from '../ui/text.ts';
import classes from './runs.module.css';

/** Rows on a wide screen, cards on a narrow one. */
export function RunTable({ runs }: { runs: RunSummary[] }) {
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  return narrow ? <RunCards runs={runs} /> : <RunRows runs={runs} />;
}

function RunRows({ runs }: { runs: RunSummary[] }) {
  const { t } = useTranslation('runs');
  const navigate = useNavigate();
  return (
    <div className={`${framed.frame} ${classes.table}`}>
      <Table
        stickyHeader
        stickyHeaderOffset={56}
        highlightOnHover
        verticalSpacing={8}
        horizontalSpacing={16}
        layout="fixed"
        aria-label={t('table')}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={190}>{t('state')}</Table.Th>
            <Table.Th w="24%">{t('record')}</Table.Th>
            <Table.Th w="20%">{t('flow')}</Table.Th>
            <Table.Th>{t('why')}</Table.Th>
            <Table.Th w={140} className="numbers">
              {t('time')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr
              key={run.id}
              className={classes.row}
              onClick={(event) => {
                if (!(event.target as HTMLElement).closest('a'))
                  void navigate({ to: '/runs/$runId', params: { runId: run.id } });
              }}
            >
              <Table.Td>
                <StateBadge of="run" state={run.state} />
              </Table.Td>
              <Table.Td>
                <RecordLink run={run} />
              </Table.Td>
              <Table.Td>
                <PageLink to="/flows/$flowId" params={{ flowId: run.flow.id }} className={classes.flow}>
                  {run.flow.name}
                </PageLink>
              </Table.Td>
              <Table.Td>
                <Why run={run} />
              </Table.Td>
              <Table.Td className="numbers">
                <RelativeTime at={run.startedAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function RunCards({ runs }: { runs: RunSummary[] }) {
  const { t } = useTranslation('runs');
  return (
    <ul className={framed.cards} aria-label={t('table')}>
      {runs.map((run) => (
        <li key={run.id} className={framed.card}>
          <div className={classes.cardTop}>
            <StateBadge of="run" state={run.state} />
            <RelativeTime at={run.startedAt} />
          </div>
          <RecordLink run={run} />
          <Text size="sm" c="dimmed">
            {run.flow.name}
          </Text>
          <Why run={run} />
        </li>
      ))}
    </ul>
  );
}

function RecordLink({ run }: { run: RunSummary }) {
  const { t } = useTranslation('runs');
  return (
    <PageLink to="/runs/$runId" params={{ runId: run.id }} className={classes.record}>
      {run.record.label || run.record.id || t('noRecord')}
    </PageLink>
  );
}

function Why({ run }: { run: RunSummary }) {
  const { t } = useTranslation('runs');
  const text = useText();
  return (
    <Text size="sm" lineClamp={2} className={classes.why}>
      {run.reason && text(run.reason.text)}
      {run.nextAt && (
        <>
          {run.reason && ' · '}
          {t('goesOn')} <RelativeTime at={run.nextAt} />
        </>
      )}
    </Text>
  );
}
