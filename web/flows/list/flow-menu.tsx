import { ActionIcon, Button, Group, Menu, Modal, TextInput } from '@mantine/core';
import { IconCopy, IconDots, IconHistory, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FlowSummary, flowsApi } from '../../../server/flows/contract.ts';
import { call } from '../../api.ts';
import { tell, tellFailure, tellWithUndo } from '../../ui/notify.tsx';

/** Copy, rename, history, delete; a deleted flow can be brought back. */
export function FlowMenu({ flow }: { flow: FlowSummary }) {
  const { t } = useTranslation('flows');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [renaming, setRenaming] = useState(false);
  const params = { id: flow.id };
  const refresh = () => client.invalidateQueries({ queryKey: [flowsApi.listFlows.path] });
  const copy = useMutation({
    mutationFn: () => call(flowsApi.copyFlow, { params }),
    onSuccess: (made) => {
      tell(t('list.copied', { name: made.name }));
      void refresh();
    },
    onError: tellFailure,
  });
  const remove = useMutation({
    mutationFn: () => call(flowsApi.deleteFlow, { params }),
    onSuccess: () => {
      void refresh();
      tellWithUndo(t('list.deleted', { name: flow.name }), async () => {
        await call(flowsApi.restoreFlow, { params });
        await refresh();
      });
    },
    onError: tellFailure,
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('list.menu', { name: flow.name })}
            loading={copy.isPending || remove.isPending}
          >
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setRenaming(true)}>
            {t('list.rename')}
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => copy.mutate()}>
            {t('list.copy')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconHistory size={16} />}
            onClick={() => void navigate({ to: '/runs', search: { flow: flow.id } as never })}
          >
            {t('list.history')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => remove.mutate()}>
            {t('list.delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {renaming && <Rename flow={flow} onClose={() => setRenaming(false)} onDone={() => void refresh()} />}
    </>
  );
}

function Rename({ flow, onClose, onDone }: { flow: FlowSummary; onClose(): void; onDone(): void }) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const [name, setName] = useState(flow.name);
  const save = useMutation({
    mutationFn: () => call(flowsApi.patchFlow, { params: { id: flow.id }, body: { name } }),
    onSuccess: () => {
      onDone();
      onClose();
    },
    onError: tellFailure,
  });
  return (
    <Modal opened onClose={onClose} title={t('list.rename')} closeButtonProps={{ 'aria-label': ui('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          label={t('list.name')}
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt={16} gap={8}>
          <Button variant="default" onClick={onClose}>
            {ui('cancel')}
          </Button>
          <Button type="submit" disabled={name.trim() === ''} loading={save.isPending}>
            {ui('save')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
