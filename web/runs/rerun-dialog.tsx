import { Button, Checkbox, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Run, runsApi } from '../../server/flows/contract.ts';
import { call } from '../api.ts';
import { Failure } from '../ui/failure.tsx';

interface Props {
  run: Run;
  onClose(): void;
  onStarted(id: string): void;
}

/** From where, by which version, and whether a second record is wanted. */
export function RerunDialog({ run, onClose, onStarted }: Props) {
  const { t } = useTranslation('runs');
  const { t: ui } = useTranslation('ui');
  const failed = run.trace.some((step) => step.verdict === 'failed');
  const [from, setFrom] = useState<'failedStep' | 'start'>(failed ? 'failedStep' : 'start');
  const [version, setVersion] = useState<'current' | 'same'>('current');
  const [createAgain, setCreateAgain] = useState(false);
  const rerun = useMutation({
    mutationFn: () => call(runsApi.rerun, { params: { id: run.id }, body: { from, version, createAgain } }),
    onSuccess: ({ id }) => {
      onClose();
      onStarted(id);
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('rerun.title')} closeButtonProps={{ 'aria-label': ui('close') }}>
      <Stack gap={16}>
        <Radio.Group label={t('rerun.from')} value={from} onChange={(value) => setFrom(value as typeof from)}>
          <Stack gap={8} mt={6}>
            {failed && (
              <Radio value="failedStep" label={t('rerun.failedStep')} description={t('rerun.failedStepHelp')} />
            )}
            <Radio value="start" label={t('rerun.start')} description={t('rerun.startHelp')} />
          </Stack>
        </Radio.Group>
        <Radio.Group
          label={t('rerun.version')}
          value={version}
          onChange={(value) => setVersion(value as typeof version)}
        >
          <Stack gap={8} mt={6}>
            <Radio value="current" label={t('rerun.current')} />
            <Radio value="same" label={t('rerun.same', { number: run.version })} />
          </Stack>
        </Radio.Group>
        <Checkbox
          label={t('rerun.createAgain')}
          checked={createAgain}
          onChange={(event) => setCreateAgain(event.currentTarget.checked)}
        />
        {createAgain && (
          <Text size="sm" c="var(--state-attention)" role="alert">
            {t('rerun.createAgainHelp')}
          </Text>
        )}
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
