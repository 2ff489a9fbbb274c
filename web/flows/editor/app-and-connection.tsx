import { Alert, Button, Group, Modal, Select, SimpleGrid } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, type ConnectorView, connectionsApi } from '../../../server/connections/contract.ts';
import { AccessForm } from '../../connections/access-form.tsx';
import { AppMark, Mark } from '../../ui/app-mark.tsx';
import { PageLink } from '../../ui/links.tsx';
import { useText } from '../../ui/text.ts';
import { useEditor } from './context.ts';

interface Props {
  /** Apps that can stand here. */
  apps: ConnectorView[];
  connection: string | undefined;
  onChange(connection: string | undefined): void;
  error?: boolean;
  focus?: boolean;
}

/** First the app, then which account of it; with one account only, it is taken at once. */
export function AppAndConnection({ apps, connection, onChange, error, focus }: Props) {
  const { catalog } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const [app, setApp] = useKeptApp(catalog.connectionOf(connection)?.connector);
  const own = catalog.connections.filter((each) => each.connector === app);
  const chosen = own.find((each) => each.id === connection);

  // Back from adding a connection, the new one is taken.
  const [only] = own;
  const takeable = app !== null && connection === undefined && own.length === 1 ? only?.id : undefined;
  useEffect(() => {
    if (takeable) onChange(takeable);
    // biome-ignore lint/correctness/useExhaustiveDependencies: only when one becomes takeable
  }, [takeable]);

  const choose = (next: string | null) => {
    setApp(next);
    const accounts = catalog.connections.filter((each) => each.connector === next);
    onChange(accounts.length === 1 ? accounts[0]?.id : undefined);
  };
  const marks = new Map(apps.map((each) => [each.key, each.mark]));
  const mark = app ? marks.get(app) : undefined;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={16} verticalSpacing={12}>
        <Select
          label={t('editor.app')}
          placeholder={t('editor.chooseApp')}
          searchable
          data-autofocus={focus || undefined}
          data={apps.map((each) => ({ value: each.key, label: text(each.label) }))}
          value={app}
          allowDeselect={false}
          onChange={choose}
          leftSection={mark ? <Mark {...mark} size={20} /> : null}
          renderOption={({ option }) => <AppMark app={option.value} named size={20} />}
        />
        {app && own.length > 0 && (
          <Select
            label={t('editor.connection')}
            placeholder={t('editor.chooseConnection')}
            data={own.map((each) => ({
              value: each.id,
              label: each.account ? `${each.name} · ${each.account}` : each.name,
            }))}
            value={connection ?? null}
            allowDeselect={false}
            error={error ? ' ' : undefined}
            onChange={(id) => onChange(id ?? undefined)}
          />
        )}
      </SimpleGrid>
      {app && <AddConnection app={app} first={own.length === 0} onAdded={onChange} />}
      {chosen && <BrokenConnection connection={chosen} />}
    </>
  );
}

/** The app stays chosen while it has no connection yet, also over the way to "add connection" and back. */
function useKeptApp(connected: string | undefined) {
  const [app, setApp] = useState<string | null>(connected ?? null);
  useEffect(() => {
    if (connected) setApp(connected);
  }, [connected]);
  return [app, setApp] as const;
}

/** A connection is added without leaving the flow. */
function AddConnection({ app, first, onAdded }: { app: string; first: boolean; onAdded(id: string): void }) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const { catalog } = useEditor();
  const text = useText();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const connector = catalog.connectors.find((each) => each.key === app);
  if (!connector) return null;
  const button = (
    <Button
      size="compact-sm"
      variant={first ? 'filled' : 'subtle'}
      leftSection={<IconPlus size={14} />}
      onClick={() => setAdding(true)}
    >
      {t('editor.addConnection')}
    </Button>
  );
  return (
    <>
      {first ? (
        <Alert variant="light" color="gray" mt={12}>
          <Group gap={12}>
            {t('editor.noConnection', { app: text(connector.label) })}
            {button}
          </Group>
        </Alert>
      ) : (
        <Group mt={4} justify="flex-end">
          {button}
        </Group>
      )}
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t('editor.newConnection', { app: text(connector.label) })}
        size="xl"
        closeButtonProps={{ 'aria-label': ui('close') }}
      >
        <AccessForm
          connector={connector}
          onCancel={() => setAdding(false)}
          onSaved={async (saved) => {
            await client.invalidateQueries({ queryKey: [connectionsApi.listConnections.path] });
            setAdding(false);
            onAdded(saved.id);
          }}
        />
      </Modal>
    </>
  );
}

/** A broken connection says so where it hurts. */
function BrokenConnection({ connection }: { connection: ConnectionView }) {
  const { t } = useTranslation('flows');
  const text = useText();
  if (connection.health !== 'reconnect' && connection.health !== 'ailing') return null;
  return (
    <Alert variant="light" color={connection.health === 'reconnect' ? 'red' : 'yellow'} mt={12}>
      {t(connection.health === 'reconnect' ? 'editor.broken' : 'editor.ailing', { name: connection.name })}{' '}
      {connection.lastFailure && text(connection.lastFailure.text)}{' '}
      <PageLink to="/connections/$connectionId" params={{ connectionId: connection.id }}>
        {t(connection.health === 'reconnect' ? 'editor.reconnect' : 'editor.openConnection')}
      </PageLink>
    </Alert>
  );
}
