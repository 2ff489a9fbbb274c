import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import i18next from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { wordsOf } from './failure.tsx';
import { inLanguage, languageOf } from './text.ts';

const closeButtonProps = () => ({ 'aria-label': i18next.t('ui:close') });

/** Tells that a thing is done, in a few words. */
export function tell(message: string): void {
  notifications.show({
    message,
    icon: <IconCheck size={18} aria-hidden />,
    color: 'accent',
    autoClose: 4000,
    closeButtonProps: closeButtonProps(),
    role: 'status',
  });
}

/** Tells that a thing failed where no better place is on the page. */
export function tellFailure(error: unknown): void {
  const message = inLanguage(wordsOf(error), languageOf(i18next.language));
  notifications.show({
    message,
    icon: <IconAlertTriangle size={18} aria-hidden />,
    color: 'red.8',
    autoClose: 10_000,
    closeButtonProps: closeButtonProps(),
  });
}

/** «Связка удалена» with «Вернуть» for ten seconds. */
export function tellWithUndo(message: string, undo: () => Promise<unknown>): void {
  const id = crypto.randomUUID();
  const hide = () => notifications.hide(id);
  notifications.show({
    id,
    message: <UndoToast message={message} undo={undo} done={hide} />,
    color: 'accent',
    autoClose: 10_000,
    closeButtonProps: closeButtonProps(),
    role: 'status',
  });
}

function UndoToast({ message, undo, done }: { message: string; undo: () => Promise<unknown>; done: () => void }) {
  const { t } = useTranslation('ui');
  const [busy, setBusy] = useState(false);
  const bring = () => {
    setBusy(true);
    undo().catch(tellFailure).finally(done);
  };
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      {message}
      <Button size="xs" variant="light" loading={busy} onClick={bring}>
        {t('undo')}
      </Button>
    </Group>
  );
}
