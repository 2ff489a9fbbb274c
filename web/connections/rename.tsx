import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, connectionsApi } from '../../server/connections/contract.ts';
import { call } from '../api.ts';
import { tell, tellFailure } from '../ui/notify.tsx';
import css from './connections.module.css';
import { keepConnection } from './keep.ts';

/** The name as the page's title, changed in place. */
export function Rename({ connection }: { connection: ConnectionView }) {
  const { t } = useTranslation('connections');
  const { t: ui } = useTranslation('ui');
  const [editing, setEditing] = useState(false);
  const [name, setName] = useState(connection.name);
  const rename = useMutation({
    mutationFn: () =>
      call(connectionsApi.patchConnection, {
        params: { id: connection.id },
        body: { name: name.trim(), check: false },
      }),
    onSuccess: (saved) => {
      keepConnection(saved);
      setEditing(false);
      tell(t('renamed'));
    },
    onError: tellFailure,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && name.trim() !== connection.name) rename.mutate();
    else setEditing(false);
  };
  if (!editing) {
    return (
      <span className={css.rename}>
        <span className={css.renameName}>{connection.name}</span>
        <Tooltip label={t('rename')}>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('rename')} onClick={() => setEditing(true)}>
            <IconPencil size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </span>
    );
  }
  return (
    <form className={css.rename} onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && setEditing(false)}>
      <TextInput
        aria-label={t('name')}
        value={name}
        autoFocus
        maxLength={200}
        flex={1}
        maw={420}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" loading={rename.isPending}>
        {ui('save')}
      </Button>
    </form>
  );
}
