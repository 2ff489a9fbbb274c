import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Run, runsApi } from '../../server/flows/contract.ts';
import { call } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { Preview } from './preview.tsx';
import { RerunChoices, type RerunHow } from './rerun-choices.tsx';

interface Props {
  run: Run;
  onClose(): void;
  onStarted(id: string): void;
}

/** From where, by which version, whether a second record is wanted; and what would be sent. */
export function RerunDialog({ run, onClose, onStarted }: Props) {
  const { t } = useTranslation('runs');
  const { t: ui } = useTranslation('ui');
  const failed = run.trace.some((step) => step.verdict === 'failed');
  const [how, setHow] = useState<RerunHow>({ from: failed ? 'failedStep' : 'start', version: 'current' });
  const [createAgain, setCreateAgain] = useState(false);
  const [anyway, setAnyway] = useState(false);
  const rerun = useMutation({
    mutationFn: () =>
      call(runsApi.rerun, { params: { id: run.id }, body: { ...how, createAgain, anyway: createAgain && anyway } }),
    onSuccess: ({ id }) => {
      onClose();
      onStarted(id);
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('rerun.title')} size="lg" closeButtonProps={{ 'aria-label': ui('close') }}>
      <Stack gap={16}>
        <RerunChoices how={how} onChange={setHow} failed={failed} number={run.version} />
        <Checkbox
          label={t('rerun.createAgain')}
          checked={createAgain}
          onChange={(event) => setCreateAgain(event.currentTarget.checked)}
        />
        {createAgain && (
          <>
            <Text size="sm" c="var(--state-attention)" role="alert">
              {t(anyway ? 'rerun.anywayWarning' : 'rerun.createAgainHelp')}
            </Text>
            <Checkbox
              ms={32}
              label={t('rerun.anyway')}
              description={t('rerun.anywayHelp')}
              checked={anyway}
              onChange={(event) => setAnyway(event.currentTarget.checked)}
            />
          </>
        )}
        <Preview run={run} how={{ ...how, createAgain, anyway: createAgain && anyway }} />
        {rerun.error && <Failure error={rerun.error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {ui('cancel')}
          </Button>
          <Button data-autofocus loading={rerun.isPending} onClick={() => rerun.mutate()}>
            {t('rerun.go')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
