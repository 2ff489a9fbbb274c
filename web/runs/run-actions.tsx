import { Button } from '@mantine/core';
import { IconHandStop, IconPlayerTrackNext, IconQuestionMark, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Run, runsApi } from '../../server/flows/contract.ts';
import { call } from '../api.ts';
import { tell, tellFailure } from '../ui/notify.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import { RerunDialog } from './rerun-dialog.tsx';

/** What can be done with this run now. */
export function RunActions({ run }: { run: Run }) {
  const { t } = useTranslation('runs');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'rerun' | 'decide' | null>(null);
  const refresh = () =>
    void client.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[0] === runsApi.listRuns.path || queryKey[0] === runsApi.getRun.path,
    });
  const retry = useMutation({
    mutationFn: () => call(runsApi.retryRun, { params: { id: run.id } }),
    onSuccess: () => {
      tell(t('actions.retried'));
      refresh();
    },
    onError: tellFailure,
  });
  const giveUp = useMutation({
    mutationFn: () => call(runsApi.giveUpRun, { params: { id: run.id } }),
    onSuccess: () => {
      tell(t('actions.gaveUp'));
      refresh();
    },
    onError: tellFailure,
  });
  const close = () => setDialog(null);
  return (
    <>
      {run.can.retryNow && (
        <Button
          leftSection={<IconPlayerTrackNext size={16} />}
          loading={retry.isPending}
          onClick={() => retry.mutate()}
        >
          {t('actions.retryNow')}
        </Button>
      )}
      {run.can.giveUp && (
        <Button
          variant="default"
          leftSection={<IconHandStop size={16} />}
          loading={giveUp.isPending}
          onClick={() => giveUp.mutate()}
        >
          {t('actions.giveUp')}
        </Button>
      )}
      {run.can.decide && (
        <Button leftSection={<IconQuestionMark size={16} />} onClick={() => setDialog('decide')}>
          {t('actions.decide')}
        </Button>
      )}
      {run.can.rerun && (
        <Button
          variant={run.state === 'rejected' || run.state === 'dead' ? 'filled' : 'default'}
          leftSection={<IconRefresh size={16} />}
          onClick={() => setDialog('rerun')}
        >
          {t('actions.rerun')}
        </Button>
      )}
      {dialog === 'rerun' && (
        <RerunDialog
          run={run}
          onClose={close}
          onStarted={(id) => {
            tell(t('actions.started', { id }));
            refresh();
            void navigate({ to: '/runs/$runId', params: { runId: id } });
          }}
        />
      )}
      {dialog === 'decide' && (
        <DecideDialog
          run={run}
          onClose={close}
          onDecided={() => {
            tell(t('actions.decided'));
            refresh();
          }}
        />
      )}
    </>
  );
}
