import { Paper, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, connectionsApi } from '../../server/connections/contract.ts';
import { queryOf } from '../api.ts';
import { AppMark } from '../ui/app-mark.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { PageButton, PageLink } from '../ui/links.tsx';
import list from '../ui/list.module.css';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { inner, useText } from '../ui/text.ts';
import css from './connections.module.css';

/** What needs a person stands first. */
const urgency: Record<ConnectionView['health'], number> = { reconnect: 0, ailing: 1, untried: 2, works: 3 };

export function ConnectionsPage() {
  const { t } = useTranslation('connections');
  const connections = useQuery(queryOf(connectionsApi.listConnections));
  const add = (
    <PageButton to="/connections/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {t('add')}
    </PageButton>
  );
  const sorted = connections.data?.toSorted(
    (a, b) => urgency[a.health] - urgency[b.health] || a.name.localeCompare(b.name),
  );
  const empty = sorted?.length === 0;
  return (
    <Page title={t('title')} action={empty ? undefined : add}>
      {connections.isPending && <Loading />}
      {connections.isError && <Failure error={connections.error} retry={() => void connections.refetch()} />}
      {empty && (
        <Empty title={t('none')} more={t('noneMore')}>
          {add}
        </Empty>
      )}
      {sorted && sorted.length > 0 && <Connections connections={sorted} />}
    </Page>
  );
}

function Connections({ connections }: { connections: ConnectionView[] }) {
  const { t } = useTranslation('connections');
  return (
    <Paper withBorder>
      <Table verticalSpacing="sm" horizontalSpacing="md" stickyHeader stickyHeaderOffset={56} className={list.list}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th>{t('state')}</Table.Th>
            <Table.Th visibleFrom="md">{t('worked')}</Table.Th>
            <Table.Th visibleFrom="sm" className="numbers">
              {t('flows')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {connections.map((connection) => (
            <Row key={connection.id} connection={connection} />
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

function Row({ connection }: { connection: ConnectionView }) {
  const { t } = useTranslation('connections');
  const say = useText();
  const { id, name, account, health, lastFailure } = connection;
  const params = { connectionId: id };
  return (
    <Table.Tr data-connection={id}>
      <Table.Td>
        <div className={css.name}>
          <AppMark app={connection.connector} size={32} />
          <div>
            <PageLink to="/connections/$connectionId" params={params} className={css.link}>
              {name}
            </PageLink>
            {account && (
              <Text size="xs" c="dimmed" className={css.account}>
                {account}
              </Text>
            )}
          </div>
        </div>
      </Table.Td>
      <Table.Td>
        <div className={css.health}>
          <StateBadge of="connection" state={health} />
          {health === 'reconnect' && (
            <PageButton
              to="/connections/$connectionId"
              params={params}
              hash="reconnect"
              size="compact-sm"
              variant="default"
              aria-label={t('reconnectOne', { name: inner(name) })}
            >
              {t('reconnect')}
            </PageButton>
          )}
        </div>
        {lastFailure && (health === 'reconnect' || health === 'ailing') && (
          <Text size="xs" c="dimmed" mt={4} maw={420} lineClamp={2}>
            {lastFailure.trouble ? t(`trouble.${lastFailure.trouble}`) : say(lastFailure.text)}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="md">
        <RelativeTime at={connection.workedAt} />
      </Table.Td>
      <Table.Td visibleFrom="sm" className="numbers">
        {connection.flows.length}
      </Table.Td>
    </Table.Tr>
  );
}
