import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, connectionsApi } from '../../server/connections/contract.ts';
import { call, queryClient } from '../api.ts';
import { ConfirmDelete } from '../ui/confirm-delete.tsx';
import { PageLink } from '../ui/links.tsx';
import { tell } from '../ui/notify.tsx';
import { inner } from '../ui/text.ts';

/** Asks before deleting; while flows use the connection, lists them instead. */
export function DeleteConnection({ connection, onClose }: { connection: ConnectionView; onClose: () => void }) {
  const { t } = useTranslation('connections');
  const { t: ui } = useTranslation('ui');
  const navigate = useNavigate();
  const { id, name, flows } = connection;
  const remove = async () => {
    await call(connectionsApi.deleteConnection, { params: { id } });
    tell(t('deleted'));
    await navigate({ to: '/connections' });
    void queryClient.invalidateQueries({ queryKey: [connectionsApi.listConnections.path] });
  };
  if (flows.length === 0) {
    return (
      <ConfirmDelete opened onClose={onClose} title={t('deleteTitle', { name: inner(name) })} remove={remove}>
        {t('deleteMore')}
      </ConfirmDelete>
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('inUse', { name: inner(name) })}
      closeButtonProps={{ 'aria-label': ui('close') }}
    >
      <Stack>
        <Text>{t('inUseMore')}</Text>
        <List size="sm">
          {flows.map((flow) => (
            <List.Item key={flow.id}>
              <PageLink to="/flows/$flowId" params={{ flowId: flow.id }}>
                {flow.name}
              </PageLink>
            </List.Item>
          ))}
        </List>
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {ui('close')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
