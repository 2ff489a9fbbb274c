import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure } from './failure.tsx';

interface Props {
  opened: boolean;
  onClose: () => void;
  /** «Удалить подключение „Отдел продаж“?» */
  title: string;
  /** What goes and what stays. */
  children: ReactNode;
  remove: () => Promise<unknown>;
  /** The verb on the button, when it is not “delete”. */
  verb?: string;
}

/** Asks before what cannot be undone; names what goes. A refusal of the server shows here. */
export function ConfirmDelete({ opened, onClose, title, children, remove, verb }: Props) {
  const { t } = useTranslation('ui');
  const removal = useMutation({ mutationFn: remove, onSuccess: onClose });
  const close = () => {
    removal.reset();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        <Text component="div">{children}</Text>
        {removal.isError && <Failure error={removal.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={close} data-autofocus>
            {t('cancel')}
          </Button>
          <Button color="red.8" loading={removal.isPending} onClick={() => removal.mutate()}>
            {verb ?? t('delete')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
