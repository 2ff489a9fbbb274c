import { Kbd, UnstyledButton } from '@mantine/core';
import { useOs } from '@mantine/hooks';
import { Spotlight, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight';
import { IconKey, IconSearch, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connectionsApi } from '../../server/connections/contract.ts';
import { flowsApi } from '../../server/flows/contract.ts';
import { queryOf } from '../api.ts';
import { AppMark } from '../ui/app-mark.tsx';
import css from './frame.module.css';
import { sections } from './navigation.tsx';

export function SearchButton() {
  const { t } = useTranslation('app');
  const mac = useOs() === 'macos';
  return (
    <UnstyledButton className={css.search} onClick={spotlight.open}>
      <IconSearch size={18} aria-hidden />
      <span className={css.searchWords}>{t('search')}</span>
      <Kbd size="xs" className={css.searchKeys} aria-hidden>
        {mac ? '⌘K' : 'Ctrl K'}
      </Kbd>
    </UnstyledButton>
  );
}

/** Ctrl/⌘ K: finds any flow, connection or page. */
export function Search() {
  const { t } = useTranslation('app');
  const navigate = useNavigate();
  const { data: flows = [] } = useQuery(queryOf(flowsApi.listFlows));
  const { data: connections = [] } = useQuery(queryOf(connectionsApi.listConnections));
  const go = (to: string) => () => void navigate({ to });
  const groups: SpotlightActionGroupData[] = [
    {
      group: t('pages'),
      actions: [
        ...sections.map(({ to, name, Icon }) => ({
          id: to,
          label: t(name),
          leftSection: <Icon size={20} aria-hidden />,
          onClick: go(to),
        })),
        {
          id: '/profile',
          label: t('profile'),
          leftSection: <IconUser size={20} aria-hidden />,
          onClick: go('/profile'),
        },
        {
          id: '/api-keys',
          label: t('apiKeys'),
          leftSection: <IconKey size={20} aria-hidden />,
          onClick: go('/api-keys'),
        },
      ],
    },
    {
      group: t('flows'),
      actions: flows.map((flow) => ({
        id: flow.id,
        label: flow.name,
        keywords: flow.apps,
        leftSection: <AppMark app={flow.apps[0] ?? '?'} size={20} />,
        onClick: go(`/flows/${flow.id}`),
      })),
    },
    {
      group: t('connections'),
      actions: connections.map((connection) => ({
        id: connection.id,
        label: connection.name,
        ...(connection.account ? { description: connection.account } : {}),
        keywords: [connection.connector],
        leftSection: <AppMark app={connection.connector} size={20} />,
        onClick: go(`/connections/${connection.id}`),
      })),
    },
  ];
  return (
    <Spotlight
      actions={groups.filter((group) => group.actions.length > 0)}
      shortcut={['mod + K']}
      transitionProps={{ duration: 100 }}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      attributes={{ content: { 'aria-label': t('search') } }}
      scrollable
      maxHeight={420}
      limit={30}
      highlightQuery
      nothingFound={t('searchNothing')}
      searchProps={{
        placeholder: t('searchWhat'),
        'aria-label': t('searchWhat'),
        leftSection: <IconSearch size={20} aria-hidden />,
      }}
    />
  );
}
