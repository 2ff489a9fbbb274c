import { ActionIcon, Anchor, Group, Stack, Text, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight, IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Run, runsApi } from '../../server/flows/contract.ts';
import { queryOf } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { PageLink } from '../ui/links.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useText } from '../ui/text.ts';
import { Linked } from './linked.tsx';
import { RunActions } from './run-actions.tsx';
import { RunSteps } from './run-steps.tsx';
import classes from './runs.module.css';
import { FoundRecord } from './step-details.tsx';

/** `/runs/$runId`: what one run did, step by step. */
export function RunPage() {
  const { runId = '' } = useParams({ strict: false });
  const { t } = useTranslation('runs');
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const run = useQuery(queryOf(runsApi.getRun, { params: { id: runId } }));
  return (
    <Page
      title={run.data?.record.label || t('run', { id: runId })}
      back={{ to: '/runs', label: t('toRuns') }}
      toolbar={run.data && !narrow && <Facts run={run.data} />}
      action={
        run.data && (
          <Group gap={8}>
            <Neighbours run={run.data} />
            <RunActions key={run.data.id} run={run.data} />
          </Group>
        )
      }
    >
      {run.error && <Failure error={run.error} retry={() => void run.refetch()} />}
      {run.isPending && !run.error && <Loading rows={5} height={56} />}
      {run.data && (
        <Stack gap={16}>
          {narrow && <Facts run={run.data} />}
          <Outcome run={run.data} />
          {run.data.blanked && <Text c="dimmed">{t('blanked')}</Text>}
          <RunSteps key={run.data.id} run={run.data} />
          <Linked key={`linked ${run.data.id}`} run={run.data} />
        </Stack>
      )}
    </Page>
  );
}

function Facts({ run }: { run: Run }) {
  const { t } = useTranslation('runs');
  return (
    <Group gap="4px 12px" className={classes.facts}>
      <StateBadge of="run" state={run.state} />
      <PageLink to="/flows/$flowId" params={{ flowId: run.flow.id }}>
        {run.flow.name}
      </PageLink>
      <Text c="dimmed">{t('version', { number: run.version })}</Text>
      <Text c="dimmed">
        <RelativeTime at={run.startedAt} />
      </Text>
      {run.attempts > 1 && <Text c="dimmed">{t('attempts', { count: run.attempts })}</Text>}
      {run.rerunOf && (
        <PageLink to="/runs/$runId" params={{ runId: run.rerunOf }}>
          {t('rerunOf', { id: run.rerunOf })}
        </PageLink>
      )}
      {run.record.url && (
        <Anchor href={run.record.url} target="_blank" rel="noreferrer" className={classes.outside}>
          {t('openRecord')} <IconExternalLink size={14} aria-hidden />
        </Anchor>
      )}
    </Group>
  );
}

/** Why it ended as it did, or when it goes on; and the next click. */
function Outcome({ run }: { run: Run }) {
  const { t } = useTranslation('runs');
  const text = useText();
  if (!run.reason) return null;
  // A run that waits without a time waits for a person: its connection must be renewed.
  const stuck = run.state === 'waiting' && run.nextAt === null;
  const trouble = stuck || run.state === 'rejected' || run.state === 'dead' || run.state === 'unknown';
  const linked = run.trace.findLast(({ found }) => found?.length)?.found?.filter(({ url }) => url !== null) ?? [];
  if (!trouble)
    return (
      <Group gap="4px 12px">
        <Text>
          {text(run.reason.text)}
          {run.nextAt && (
            <>
              {' · '}
              {t('goesOn')} <RelativeTime at={run.nextAt} />
            </>
          )}
        </Text>
        {linked.map((record) => (
          <FoundRecord key={record.id} record={record} />
        ))}
      </Group>
    );
  const failed = run.trace.findLast((step) => step.verdict !== 'passed');
  return (
    <Failure text={run.reason.text} attention={stuck || run.state === 'unknown'}>
      {linked.map((record) => (
        <FoundRecord key={record.id} record={record} />
      ))}
      {stuck ? (
        <PageLink to="/connections">{t('reconnect')}</PageLink>
      ) : (
        <PageLink
          to="/flows/$flowId"
          params={{ flowId: run.flow.id }}
          search={{ card: failed?.step ?? failed?.kind } as never}
        >
          {t(failed?.kind === 'mapping' || run.state === 'rejected' ? 'openMapping' : 'openFlow')}
        </PageLink>
      )}
    </Failure>
  );
}

/** From failure to failure of the same flow. */
function Neighbours({ run }: { run: Run }) {
  const { t } = useTranslation('runs');
  const navigate = useNavigate();
  if (!run.previousFailure && !run.nextFailure) return null;
  const go = (id: string | null) => id && void navigate({ to: '/runs/$runId', params: { runId: id } });
  return (
    <Group gap={0}>
      <Tooltip label={t('previousFailure')}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t('previousFailure')}
          disabled={!run.previousFailure}
          onClick={() => go(run.previousFailure)}
        >
          <IconChevronLeft size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('nextFailure')}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t('nextFailure')}
          disabled={!run.nextFailure}
          onClick={() => go(run.nextFailure)}
        >
          <IconChevronRight size={18} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
