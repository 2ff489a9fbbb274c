import {
  Avatar,
  Menu,
  SegmentedControl,
  Stack,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { IconKey, IconLock, IconLogout, IconUser } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { accountsApi, type Person } from '../../server/accounts/contract.ts';
import { call, queryClient, queryOf } from '../api.ts';
import { tellFailure } from '../ui/notify.tsx';
import type { Language } from '../ui/text.ts';
import css from './frame.module.css';
import { speak } from './i18n.ts';

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0))
    .join('')
    .toUpperCase();

async function changeLanguage(language: Language): Promise<void> {
  await speak(language);
  const person = await call(accountsApi.patchMe, { body: { language } });
  queryClient.setQueryData(queryOf(accountsApi.getSession).queryKey, person);
}

/** The person's own things: look, language, profile, keys, the way out. */
export function PersonMenu({ person }: { person: Person }) {
  const { t } = useTranslation('app');
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = async () => {
    await call(accountsApi.deleteSession);
    queryClient.clear();
    await navigate({ to: '/sign-in' });
  };
  return (
    <Menu position="bottom-end" width={260} closeOnItemClick>
      <Menu.Target>
        <UnstyledButton className={css.person}>
          <Avatar size={34} radius="xl" color="accent" aria-hidden>
            {initials(person.name)}
          </Avatar>
          <VisuallyHidden>{`${t('menu')}: ${person.name}`}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Stack gap={0} px="sm" py="xs">
          <Text fw={600} truncate>
            {person.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {person.email}
          </Text>
        </Stack>
        <Menu.Divider />
        <Menu.Item component={Link} to="/profile" leftSection={<IconUser size={16} />}>
          {t('profile')}
        </Menu.Item>
        <Menu.Item component={Link} to="/profile#password" leftSection={<IconLock size={16} />}>
          {t('password')}
        </Menu.Item>
        <Menu.Item component={Link} to="/api-keys" leftSection={<IconKey size={16} />}>
          {t('apiKeys')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('theme')}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t('theme')}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
          data={[
            { value: 'light', label: t('light') },
            { value: 'dark', label: t('dark') },
            { value: 'auto', label: t('auto') },
          ]}
        />
        <Menu.Label>{t('language')}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t('language')}
          value={person.language}
          onChange={(value) => void changeLanguage(value as Language).catch(tellFailure)}
          data={[
            { value: 'ru', label: 'Русский' },
            { value: 'en', label: 'English' },
          ]}
        />
        <Menu.Divider mt="sm" />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut().catch(tellFailure)}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
