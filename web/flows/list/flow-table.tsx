import { Table, Text, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowRight } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { type FlowSummary, type RunState, runStates } from '../../../server/flows/contract.ts';
import { AppMark } from '../../ui/app-mark.tsx';
import framed from '../../ui/framed-list.module.css';
import { PageLink } from '../../ui/links.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { useText } from '../../ui/text.ts';
import { FlowMenu } from './flow-menu.tsx';
import classes from './list.module.css';
import { StartSwitch } from './start-switch.tsx';

/** Rows on a wide screen, cards on a narrow one. */
export function FlowTable({ flows }: { flows: FlowSummary[] }) {
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  return narrow ? <FlowCards flows={flows} /> : <FlowRows flows={flows} />;
}

function FlowRows({ flows }: { flows: FlowSummary[] }) {
  const { t } = useTranslation('flows');
  return (
    <div className={framed.frame}>
      <Table
        stickyHeader
        stickyHeaderOffset={56}
        highlightOnHover
        verticalSpacing={10}
        horizontalSpacing={16}
        aria-label={t('list.table')}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('list.state')}</Table.Th>
            <Table.Th>{t('list.name')}</Table.Th>
            <Table.Th>{t('list.apps')}</Table.Th>
            <Table.Th>{t('list.lastRun')}</Table.Th>
            <Table.Th className="numbers">{t('list.runsToday')}</Table.Th>
            <Table.Th className="numbers">{t('list.failuresToday')}</Table.Th>
            <Table.Th>{t('list.owner')}</Table.Th>
            <Table.Th>{t('list.switch')}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{t('list.actions')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {flows.map((flow) => (
            <Table.Tr key={flow.id}>
              <Table.Td>
                <StateBadge of="flow" state={flow.state} />
              </Table.Td>
              <Table.Td className={classes.nameCell}>
                <FlowTitle flow={flow} />
              </Table.Td>
              <Table.Td>
                <Apps flow={flow} />
              </Table.Td>
              <Table.Td>
                <LastRun flow={flow} />
              </Table.Td>
              <Table.Td className="numbers">{flow.runsToday}</Table.Td>
              <Table.Td className="numbers">
                <Failures flow={flow} />
              </Table.Td>
              <Table.Td>{flow.owner.name}</Table.Td>
              <Table.Td>
                <StartSwitch flow={flow} />
              </Table.Td>
              <Table.Td>
                <FlowMenu flow={flow} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function FlowCards({ flows }: { flows: FlowSummary[] }) {
  const { t } = useTranslation('flows');
  return (
    <ul className={framed.cards} aria-label={t('list.table')}>
      {flows.map((flow) => (
        <li key={flow.id} className={framed.card}>
          <div className={classes.cardTop}>
            <StateBadge of="flow" state={flow.state} />
            <Apps flow={flow} />
            <span className={classes.space} />
            <StartSwitch flow={flow} />
            <FlowMenu flow={flow} />
          </div>
          <FlowTitle flow={flow} />
          <div className={classes.cardMore}>
            <LastRun flow={flow} />
            <span>{t('list.today', { count: flow.runsToday })}</span>
            {flow.failuresToday > 0 && <Failures flow={flow} words />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function FlowTitle({ flow }: { flow: FlowSummary }) {
  const { t } = useTranslation('flows');
  const text = useText();
  return (
    <>
      <PageLink to="/flows/$flowId" params={{ flowId: flow.id }} className={classes.name}>
        {flow.name}
      </PageLink>
      {flow.paused && (
        <Text size="sm" c="var(--state-attention)">
          {text(flow.paused.text)}
        </Text>
      )}
      {!flow.paused && flow.unsaved && (
        <Text size="sm" c="dimmed">
          {t('list.unsaved')}
        </Text>
      )}
    </>
  );
}

function Apps({ flow }: { flow: FlowSummary }) {
  return (
    <span className={classes.apps}>
      {flow.apps.map((app, index) => (
        // An app may stand twice, its place tells them apart.
        <Fragment key={index}>
          {index > 0 && <IconArrowRight size={14} aria-label="→" role="img" />}
          <AppMark app={app} size={22} />
        </Fragment>
      ))}
    </span>
  );
}

function LastRun({ flow }: { flow: FlowSummary }) {
  if (!flow.lastRun) return <Text c="dimmed">—</Text>;
  const known = (runStates as readonly string[]).includes(flow.lastRun.state);
  return (
    <span className={classes.lastRun}>
      <RelativeTime at={flow.lastRun.at} />
      {known && <StateBadge of="run" state={flow.lastRun.state as RunState} plain />}
    </span>
  );
}

const failed = 'rejected,dead,unknown';

function Failures({ flow, words }: { flow: FlowSummary; words?: boolean }) {
  const { t } = useTranslation('flows');
  if (flow.failuresToday === 0) return <Text c="dimmed">0</Text>;
  const label = t('list.failures', { count: flow.failuresToday });
  return (
    <PageLink
      to="/runs"
      search={{ flow: flow.id, states: failed, when: 'today' } as never}
      className={classes.failures}
      aria-label={label}
    >
      {words ? label : flow.failuresToday}
    </PageLink>
  );
}
