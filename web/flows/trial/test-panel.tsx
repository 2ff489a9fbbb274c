import { Anchor, Button, Checkbox, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconFilterOff } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { flowsApi, type Trial } from '../../../server/flows/contract.ts';
import { call, queryOf } from '../../api.ts';
import { Failure } from '../../ui/failure.tsx';
import { PageLink } from '../../ui/links.tsx';
import { Loading } from '../../ui/loading.tsx';
import { useText } from '../../ui/text.ts';
import { useEditor } from '../editor/context.ts';
import { Notice } from '../editor/notice.tsx';
import { SampleChooser } from '../editor/sample-chooser.tsx';
import classes from './trial.module.css';
import { TrialStep } from './trial-step.tsx';

/** «Проверить на недавней записи»: what each card would do with it; really sent only on a tick. */
export function TestPanel({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={560}
      title={t('test.title')}
      closeButtonProps={{ 'aria-label': ui('close') }}
    >
      {opened && <Test />}
    </Drawer>
  );
}

function Test() {
  const { flow, draft, source } = useEditor();
  const { t } = useTranslation('flows');
  const [send, setSend] = useState(false);
  const record = source.sample?.id;
  const trial = useQuery({
    ...queryOf(flowsApi.postTrial, { body: { draft, ...(record ? { record } : {}) } }),
    enabled: record !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const sending = useMutation({
    mutationFn: () =>
      call(flowsApi.postTrial, { body: { draft, flow: flow.id, send: true, ...(record ? { record } : {}) } }),
    onSettled: () => setSend(false),
  });
  const sent = sending.data?.record.id === record ? sending.data : undefined;
  const shown = sent ?? trial.data;
  return (
    <Stack gap={16}>
      <SampleChooser />
      {trial.error && !sent && <Failure error={trial.error} retry={() => void trial.refetch()} />}
      {!shown && trial.isFetching && <Loading rows={4} height={56} />}
      {shown && <Outcome trial={shown} sent={sent !== undefined} stale={trial.isFetching} />}
      {shown && (
        <Stack gap={8} className={classes.send}>
          <Checkbox
            label={t('test.send')}
            description={t('test.sendHelp')}
            checked={send}
            onChange={(event) => setSend(event.currentTarget.checked)}
          />
          {sending.error && <Failure error={sending.error} />}
          <Group gap={8}>
            <Button
              variant={send ? 'filled' : 'default'}
              loading={send ? sending.isPending : trial.isFetching}
              onClick={() => (send ? sending.mutate() : void trial.refetch())}
            >
              {t(send ? 'test.sendNow' : 'test.again')}
            </Button>
          </Group>
        </Stack>
      )}
    </Stack>
  );
}

function Outcome({ trial, sent, stale }: { trial: Trial; sent: boolean; stale: boolean }) {
  const { flow, draft } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const done = trial.steps.some((step) => step.result !== null && step.failure === null);
  const Icon = trial.filter.passed ? IconCircleCheck : IconFilterOff;
  return (
    <Stack gap={16} className={classes.outcome} data-stale={stale || undefined} aria-busy={stale} aria-live="polite">
      <section>
        <Title order={3} className={classes.title}>
          {t('editor.onlyIf')}
        </Title>
        <Group gap={8} wrap="nowrap" align="flex-start" className={classes.verdict} data-passed={trial.filter.passed}>
          <Icon size={18} aria-hidden style={{ flex: 'none', marginTop: 1 }} />
          <Text>
            <b>{t(trial.filter.passed ? 'test.passed' : 'test.filtered')}</b> {text(trial.filter.why)}
          </Text>
        </Group>
      </section>
      {!trial.filter.passed && trial.steps.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('test.wouldBe')}
        </Text>
      )}
      {trial.steps.map((step) => (
        <TrialStep
          key={step.id}
          trial={step}
          reached={trial.filter.passed}
          step={draft.steps.find((each) => each.id === step.id)}
          number={draft.steps.findIndex((each) => each.id === step.id) + 2}
        />
      ))}
      {sent && (
        <Notice tone={done ? 'good' : 'attention'} icon={done ? <IconCircleCheck /> : <IconFilterOff />}>
          {t(done ? 'test.sent' : 'test.nothingSent')}{' '}
          {trial.steps.map((step) =>
            step.result?.url ? (
              <Anchor key={step.id} href={step.result.url} target="_blank" rel="noreferrer">
                {t('test.openRecord', { id: step.result.id ?? '' })}
              </Anchor>
            ) : null,
          )}
          <PageLink to="/runs" search={{ flow: flow.id } as never} underline="always">
            {t('paused.history')}
          </PageLink>
        </Notice>
      )}
    </Stack>
  );
}
