import { Anchor, Button, Code, Group, Modal, Paper, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { accountsApi } from '../../server/accounts/contract.ts';
import { call, type Output, queryClient, queryOf } from '../api.ts';
import { ConfirmDelete } from '../ui/confirm-delete.tsx';
import { CopyValue } from '../ui/copy-value.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import list from '../ui/list.module.css';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { inner } from '../ui/text.ts';

type ApiKey = Output<typeof accountsApi.listApiKeys>[number];
const keysQuery = queryOf(accountsApi.listApiKeys);
const refresh = () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });

export function ApiKeysPage() {
  const { t } = useTranslation('accounts');
  const keys = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey>();
  return (
    <Page
      title={t('apiKeys')}
      toolbar={
        <Text c="dimmed">
          {t('apiKeysAbout')}{' '}
          <Anchor href="/api/openapi.json" underline="always">
            {t('apiDescription')}
          </Anchor>
        </Text>
      }
      action={
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
          {t('newKey')}
        </Button>
      }
    >
      {keys.isPending && <Loading rows={3} />}
      {keys.isError && <Failure error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && <Empty title={t('noKeys')} />}
      {keys.data && keys.data.length > 0 && <Keys keys={keys.data} onRevoke={setRevoking} />}
      {making && <NewKey onClose={() => setMaking(false)} />}
      {revoking && (
        <ConfirmDelete
          opened
          onClose={() => setRevoking(undefined)}
          title={t('revokeTitle', { name: inner(revoking.name) })}
          verb={t('revoke')}
          remove={() => call(accountsApi.deleteApiKey, { params: { id: revoking.id } }).then(refresh)}
        >
          {t('revokeMore')}
        </ConfirmDelete>
      )}
    </Page>
  );
}

function Keys({ keys, onRevoke }: { keys: ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  const { t } = useTranslation('accounts');
  return (
    <Paper withBorder>
      <Table verticalSpacing="sm" horizontalSpacing="md" className={list.list}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('keyName')}</Table.Th>
            <Table.Th>{t('keyStart')}</Table.Th>
            <Table.Th>{t('made')}</Table.Th>
            <Table.Th>{t('lastUsed')}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Td>{key.name}</Table.Td>
              <Table.Td>
                <Code>{key.start}…</Code>
              </Table.Td>
              <Table.Td>
                <RelativeTime at={key.createdAt} />
              </Table.Td>
              <Table.Td>
                <RelativeTime at={key.lastUsedAt} />
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  size="xs"
                  variant="default"
                  aria-label={t('revokeOne', { name: inner(key.name) })}
                  onClick={() => onRevoke(key)}
                >
                  {t('revoke')}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('accounts');
  const { t: ui } = useTranslation('ui');
  const [name, setName] = useState('');
  const [missing, setMissing] = useState(false);
  const making = useMutation({
    mutationFn: () => call(accountsApi.postApiKey, { body: { name: name.trim() } }),
    onSuccess: refresh,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) making.mutate();
    else setMissing(true);
  };
  const made = making.data;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={made ? t('keyMade') : t('newKey')}
      closeOnClickOutside={!made}
      closeButtonProps={{ 'aria-label': ui('close') }}
    >
      {made ? (
        <Stack>
          <Text>{t('keyOnce')}</Text>
          <CopyValue label={t('key')} value={made.key} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('keyDone')}</Button>
          </Group>
        </Stack>
      ) : (
        <form noValidate onSubmit={submit}>
          <Stack>
            {making.isError && <Failure error={making.error} />}
            <TextInput
              data-autofocus
              label={t('keyName')}
              placeholder={t('keyNamePlaceholder')}
              value={name}
              error={missing && !name.trim() ? t('fillKeyName') : undefined}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={making.isPending}>
                {t('makeKey')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
