import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Run, runsApi } from '../../server/flows/contract.ts';
import { call } from '../api.ts';
import { Failure } from '../ui/failure.tsx';

type Outcome = 'done' | 'again' | 'dismiss';
interface Props {
  run: Run;
  onClose(): void;
  onDecided(): void;
}

/** An unknown outcome is settled by a person who has looked. */
export function DecideDialog({ run, onClose, onDecided }: Props) {
  const { t } = useTranslation('runs');
  const { t: ui } = useTranslation('ui');
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [recordId, setRecordId] = useState('');
  const decide = useMutation({
    mutationFn: (chosen: Outcome) => {
      const id = recordId.trim();
      return call(runsApi.decideRun, {
        params: { id: run.id },
        body: { outcome: chosen, ...(chosen === 'done' && id ? { recordId: id } : {}) },
      });
    },
    onSuccess: () => {
      onClose();
      onDecided();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('decide.title')} closeButtonProps={{ 'aria-label': ui('close') }}>
      <Stack gap={16}>
        <Text>{t('decide.more')}</Text>
        <Radio.Group
          aria-label={t('decide.title')}
          value={outcome ?? ''}
          onChange={(value) => setOutcome(value as Outcome)}
        >
          <Stack gap={10}>
            <Radio value="done" label={t('decide.done')} description={t('decide.doneHelp')} />
            {outcome === 'done' && (
              <TextInput
                ml={32}
                label={t('decide.id')}
                value={recordId}
                onChange={(event) => setRecordId(event.currentTarget.value)}
                autoFocus
              />
            )}
            <Radio value="again" label={t('decide.again')} description={t('decide.againHelp')} />
            <Radio value="dismiss" label={t('decide.dismiss')} description={t('decide.dismissHelp')} />
          </Stack>
        </Radio.Group>
        {decide.error && <Failure error={decide.error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {ui('cancel')}
          </Button>
          <Button
            disabled={outcome === null}
            loading={decide.isPending}
            onClick={() => outcome && decide.mutate(outcome)}
          >
            {t('decide.go')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
