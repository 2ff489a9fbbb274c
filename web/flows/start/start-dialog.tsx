import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Flow } from '../../../server/flows/contract.ts';
import { Failure } from '../../ui/failure.tsx';
import { useText } from '../../ui/text.ts';

type Missed = 'catchUp' | 'fromNow';
interface Props {
  flow: Flow;
  start(missed: Missed | undefined): Promise<Flow>;
  onClose(): void;
  onStarted(flow: Flow): void;
}

/** Whether what came in the meantime must be asked about: never at the first start. */
export const asksAboutMissed = (flow: Flow): boolean => flow.version !== null && flow.missed !== 0;

/** One sentence that says what will happen, and what to do with what came while the flow stood still. */
export function StartDialog({ flow, start, onClose, onStarted }: Props) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const text = useText();
  const asks = asksAboutMissed(flow);
  const [missed, setMissed] = useState<Missed>('catchUp');
  const starting = useMutation({
    mutationFn: () => start(asks ? missed : undefined),
    onSuccess: (fresh) => {
      onClose();
      onStarted(fresh);
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('start.title', { name: flow.name })}
      closeButtonProps={{ 'aria-label': ui('close') }}
    >
      <Stack gap={16}>
        {flow.sentence && <Text fz={16}>{text(flow.sentence)}</Text>}
        {flow.version === null && (
          <Text size="sm" c="dimmed">
            {t('start.fromNowFirst')}
          </Text>
        )}
        {asks && (
          <Radio.Group
            label={flow.missed === null ? t('start.missedUnknown') : t('start.missed', { count: flow.missed })}
            value={missed}
            onChange={(value) => setMissed(value as Missed)}
          >
            <Stack gap={8} mt={8}>
              <Radio
                value="catchUp"
                label={flow.missed === null ? t('start.catchUpUnknown') : t('start.catchUp', { count: flow.missed })}
              />
              <Radio value="fromNow" label={t('start.fromNow')} description={t('start.fromNowHelp')} />
            </Stack>
          </Radio.Group>
        )}
        {starting.error && <Failure error={starting.error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {ui('cancel')}
          </Button>
          <Button data-autofocus loading={starting.isPending} onClick={() => starting.mutate()}>
            {t('editor.start')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
