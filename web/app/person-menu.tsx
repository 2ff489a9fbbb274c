import {
  Avatar,
  Popover,
  SegmentedControl,
  Stack,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { IconKey, IconLogout, IconUser } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
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
  const [opened, setOpened] = useState(false);
  const signOut = async () => {
    await call(accountsApi.deleteSession);
    queryClient.clear();
    await navigate({ to: '/sign-in' });
  };
  const close = () => setOpened(false);
  return (
    <Popover position="bottom-end" width={272} opened={opened} onChange={setOpened} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={css.person} onClick={() => setOpened(!opened)}>
          <Avatar size={34} radius="xl" color="accent" aria-hidden>
            {initials(person.name)}
          </Avatar>
          <VisuallyHidden>{`${t('menu')}: ${person.name}`}</VisuallyHidden>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="sm" aria-label={t('menu')}>
        <Stack gap="sm">
          <div className={css.who}>
            <Text fw={600} truncate>
              {person.name}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {person.email}
            </Text>
          </div>
          <div className={css.personLinks}>
            <Link to="/profile" className={css.personLink} onClick={close}>
              <IconUser size={18} aria-hidden /> {t('profile')}
            </Link>
            <Link to="/api-keys" className={css.personLink} onClick={close}>
              <IconKey size={18} aria-hidden /> {t('apiKeys')}
            </Link>
          </div>
          <Look />
          <Choice
            label={t('language')}
            value={person.language}
            onChange={(value) => void changeLanguage(value as Language).catch(tellFailure)}
            data={[
              { value: 'ru', label: 'Русский' },
              { value: 'en', label: 'English' },
            ]}
          />
          <div className={css.personLinks}>
            <button type="button" className={css.personLink} onClick={() => void signOut().catch(tellFailure)}>
              <IconLogout size={18} aria-hidden /> {t('signOut')}
            </button>
          </div>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Look() {
  const { t } = useTranslation('app');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Choice
      label={t('theme')}
      value={colorScheme}
      onChange={(value) => setColorScheme(value as typeof colorScheme)}
      data={[
        { value: 'light', label: t('light') },
        { value: 'dark', label: t('dark') },
        { value: 'auto', label: t('auto') },
      ]}
    />
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  data: { value: string; label: string }[];
}

function Choice({ label, ...rest }: ChoiceProps) {
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        {label}
      </Text>
      <SegmentedControl fullWidth size="xs" aria-label={label} {...rest} />
    </div>
  );
}
