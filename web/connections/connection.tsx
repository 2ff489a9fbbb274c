import { Button, Group, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useLocation, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, type ConnectorView, connectionsApi } from '../../server/connections/contract.ts';
import { type FlowState, flowStates } from '../../server/flows/contract.ts';
import { call, queryClient, queryOf } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { PageLink } from '../ui/links.tsx';
import { Loading } from '../ui/loading.tsx';
import { tell } from '../ui/notify.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { AccessForm } from './access-form.tsx';
import { DeleteConnection } from './delete.tsx';
import { Health } from './health.tsx';
import { Inbound } from './inbound.tsx';
import { keepConnection } from './keep.ts';
import { Rename } from './rename.tsx';

export function ConnectionPage() {
  const { t } = useTranslation('connections');
  const { connectionId = '' } = useParams({ strict: false });
  const connection = useQuery(queryOf(connectionsApi.getConnection, { params: { id: connectionId } }));
  const connectors = useQuery(queryOf(connectionsApi.listConnectors));
  const connector = connectors.data?.find((one) => one.key === connection.data?.connector);
  const failed = [connection, connectors].find((query) => query.isError);
  return (
    <Page
      title={connection.data?.name ?? t('title')}
      heading={connection.data && <Rename key={connection.data.name} connection={connection.data} />}
      back={{ to: '/connections', label: t('backToList') }}
    >
      {failed && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      {!failed && !(connection.data && connectors.data) && <Loading />}
      {connection.data && connectors.data && !connector && <Failure text={t('unknownApp')} />}
      {connection.data && connector && <Whole key={connectionId} connection={connection.data} connector={connector} />}
    </Page>
  );
}

function Whole({ connection, connector }: { connection: ConnectionView; connector: ConnectorView }) {
  const { t } = useTranslation('connections');
  const asked = useLocation({ select: (location) => location.hash === 'reconnect' });
  const [reconnecting, setReconnecting] = useState(asked);
  // Asked again from a notice while the page is open.
  useEffect(() => {
    if (asked) setReconnecting(true);
  }, [asked]);
  const [deleting, setDeleting] = useState(false);
  const check = useMutation({
    mutationFn: () => call(connectionsApi.checkConnection, { params: { id: connection.id } }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: [connectionsApi.getConnection.path] }),
  });
  return (
    <Stack maw={1100}>
      <Health
        {...{ connection, connector, check }}
        onReconnect={reconnecting ? undefined : () => setReconnecting(true)}
      />
      {reconnecting && (
        <Stack gap="sm" component="section" aria-label={t('access')}>
          <Text c="dimmed">{t('accessMore')}</Text>
          <AccessForm
            connector={connector}
            connection={connection}
            onCancel={() => setReconnecting(false)}
            onSaved={(saved) => {
              keepConnection(saved);
              check.reset();
              setReconnecting(false);
              tell(t('accessSaved'));
            }}
          />
        </Stack>
      )}
      {connection.hook && <Inbound connection={connection} connector={connector} hook={connection.hook} />}
      <UsedBy connection={connection} />
      <Group>
        <Button
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={() => setDeleting(true)}
        >
          {t('delete')}
        </Button>
      </Group>
      {deleting && <DeleteConnection connection={connection} onClose={() => setDeleting(false)} />}
    </Stack>
  );
}

const isFlowState = (state: string): state is FlowState => (flowStates as readonly string[]).includes(state);

function UsedBy({ connection }: { connection: ConnectionView }) {
  const { t } = useTranslation('connections');
  return (
    <Panel title={t('usedBy')}>
      {connection.flows.length === 0 ? (
        <Group gap="sm">
          <Text c="dimmed">{t('usedByNone')}</Text>
          <PageLink to="/flows">{t('toFlow')}</PageLink>
        </Group>
      ) : (
        <Stack gap="sm">
          {connection.flows.map((flow) => (
            <Group key={flow.id} gap="md">
              <PageLink to="/flows/$flowId" params={{ flowId: flow.id }}>
                {flow.name}
              </PageLink>
              {isFlowState(flow.state) && <StateBadge of="flow" state={flow.state} plain />}
            </Group>
          ))}
        </Stack>
      )}
    </Panel>
  );
}
