import { Button, Group, Modal, Select, SimpleGrid } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, type ConnectorView, connectionsApi } from '../../../server/connections/contract.ts';
import { AccessForm } from '../../connections/access-form.tsx';
import { AppMark, Mark } from '../../ui/app-mark.tsx';
import { PageLink } from '../../ui/links.tsx';
import { useText } from '../../ui/text.ts';
import { useEditor } from './context.ts';
import { Notice } from './notice.tsx';

interface Props {
  /** Apps that can stand here. */
  apps: ConnectorView[];
  /** The only app that fits what is chosen already, as in a ready-made flow without connections. */
  likely: string | undefined;
  connection: string | undefined;
  onChange(connection: string | undefined): void;
  error?: boolean;
}

const addNew = 'add';

/** First the app, then which account of it; with one account only, it is taken at once. */
export function AppAndConnection({ apps, likely, connection, onChange, error }: Props) {
  const { catalog } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const connected = catalog.connectionOf(connection)?.connector;
  const [picked, setPicked] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const app = picked ?? connected ?? likely ?? null;
  const own = catalog.connections.filter((each) => each.connector === app);
  const chosen = own.find((each) => each.id === connection);
  const connector = apps.find((each) => each.key === app);

  const choose = (next: string | null) => {
    setPicked(next);
    const accounts = catalog.connections.filter((each) => each.connector === next);
    onChange(accounts.length === 1 ? accounts[0]?.id : undefined);
  };
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={16} verticalSpacing={12}>
        <Select
          label={t('editor.app')}
          placeholder={t('editor.chooseApp')}
          searchable
          data={apps.map((each) => ({ value: each.key, label: text(each.label) }))}
          value={app}
          allowDeselect={false}
          onChange={choose}
          leftSection={connector ? <Mark {...connector.mark} size={20} /> : null}
          renderOption={({ option }) => <AppMark app={option.value} named size={20} />}
        />
        {own.length > 0 && (
          <Select
            label={t('editor.connection')}
            placeholder={t('editor.chooseConnection')}
            data={[
              ...own.map((each) => ({ value: each.id, label: nameOf(each) })),
              { value: addNew, label: `+ ${t('editor.addConnection')}` },
            ]}
            value={chosen?.id ?? null}
            allowDeselect={false}
            error={error}
            onChange={(id) => (id === addNew ? setAdding(true) : onChange(id ?? undefined))}
          />
        )}
      </SimpleGrid>
      {connector && own.length === 0 && (
        <Notice tone="stopped">
          <Group gap={12}>
            {t('editor.noConnection', { app: text(connector.label) })}
            <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
              {t('editor.addConnection')}
            </Button>
          </Group>
        </Notice>
      )}
      {chosen && <BrokenConnection connection={chosen} />}
      {connector && (
        <AddConnection connector={connector} opened={adding} onClose={() => setAdding(false)} onAdded={onChange} />
      )}
    </>
  );
}

const nameOf = ({ name, account }: ConnectionView) => (account ? `${name} · ${account}` : name);

interface AddProps {
  connector: ConnectorView;
  opened: boolean;
  onClose(): void;
  onAdded(id: string): void;
}

/** A connection is added without leaving the flow. */
function AddConnection({ connector, opened, onClose, onAdded }: AddProps) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const text = useText();
  const client = useQueryClient();
  const saved = async (id: string) => {
    await client.invalidateQueries({ queryKey: [connectionsApi.listConnections.path] });
    onClose();
    onAdded(id);
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('editor.newConnection', { app: text(connector.label) })}
      size="xl"
      closeButtonProps={{ 'aria-label': ui('close') }}
    >
      <AccessForm connector={connector} onCancel={onClose} onSaved={({ id }) => void saved(id)} />
    </Modal>
  );
}

/** A broken connection says so where it hurts. */
function BrokenConnection({ connection }: { connection: ConnectionView }) {
  const { t } = useTranslation('flows');
  const text = useText();
  if (connection.health !== 'reconnect' && connection.health !== 'ailing') return null;
  return (
    <Notice tone={connection.health === 'reconnect' ? 'broken' : 'attention'}>
      {t(connection.health === 'reconnect' ? 'editor.broken' : 'editor.ailing', { name: connection.name })}{' '}
      {connection.lastFailure && text(connection.lastFailure.text)}{' '}
      <PageLink underline="always" to="/connections/$connectionId" params={{ connectionId: connection.id }}>
        {t(connection.health === 'reconnect' ? 'editor.reconnect' : 'editor.openConnection')}
      </PageLink>
    </Notice>
  );
}
