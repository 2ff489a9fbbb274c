import { Button, Group, PasswordInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { accountsApi, type Person } from '../../server/accounts/contract.ts';
import { call, queryClient, queryOf } from '../api.ts';
import { speak } from '../app/i18n.ts';
import { Failure } from '../ui/failure.tsx';
import { tell } from '../ui/notify.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { shortestPassword } from './rules.ts';

export function ProfilePage() {
  const { t } = useTranslation('accounts');
  const { data: person } = useSuspenseQuery(queryOf(accountsApi.getSession));
  return (
    <Page title={t('profile')} narrow>
      <Stack>
        <Me key={person.id} person={person} />
        <Password email={person.email} />
      </Stack>
    </Page>
  );
}

function Me({ person }: { person: Person }) {
  const { t } = useTranslation('accounts');
  const { t: ui } = useTranslation('ui');
  const form = useForm({
    initialValues: { name: person.name, language: person.language, zone: person.zone },
    validate: { name: (name) => (name.trim() ? null : t('fillName')) },
  });
  const saving = useMutation({
    mutationFn: (body: typeof form.values) => call(accountsApi.patchMe, { body }),
    onSuccess: async (saved) => {
      queryClient.setQueryData(queryOf(accountsApi.getSession).queryKey, saved);
      await speak(saved.language);
      tell(t('saved'));
    },
  });
  return (
    <Panel title={t('me')}>
      <form noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <Stack>
          {saving.isError && <Failure error={saving.error} />}
          <TextInput label={t('name')} autoComplete="name" {...form.getInputProps('name')} />
          <TextInput label={t('email')} value={person.email} readOnly variant="filled" />
          <Select
            label={t('language')}
            allowDeselect={false}
            data={[
              { value: 'ru', label: 'Русский' },
              { value: 'en', label: 'English' },
            ]}
            {...form.getInputProps('language')}
          />
          <Select
            label={t('zone')}
            description={t('zoneHelp')}
            searchable
            allowDeselect={false}
            limit={50}
            nothingFoundMessage={t('zoneNone')}
            data={zonesWith(person.zone)}
            {...form.getInputProps('zone')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={saving.isPending}>
              {ui('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

/** Browsers leave UTC and old names out of their list: the kept zone must be in it. */
const zonesWith = (zone: string): string[] => [...new Set([zone, 'UTC', ...Intl.supportedValuesOf('timeZone')])];

function Password({ email }: { email: string }) {
  const { t } = useTranslation('accounts');
  const form = useForm({
    initialValues: { current: '', next: '' },
    validate: {
      current: (current) => (current ? null : t('fillPassword')),
      next: (next) => (next.length >= shortestPassword ? null : t('shortPassword')),
    },
  });
  const change = useMutation({
    mutationFn: (body: typeof form.values) => call(accountsApi.postMyPassword, { body }),
    onSuccess: () => {
      form.reset();
      tell(t('passwordChanged'));
    },
  });
  return (
    <Panel title={t('changePassword')}>
      <form id="password" noValidate onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Stack>
          {change.isError && <Failure error={change.error} />}
          <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
          <PasswordInput label={t('current')} autoComplete="current-password" {...form.getInputProps('current')} />
          <PasswordInput
            label={t('next')}
            description={t('passwordRule')}
            autoComplete="new-password"
            {...form.getInputProps('next')}
          />
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {t('othersEnd')}
            </Text>
            <Button type="submit" variant="default" loading={change.isPending}>
              {t('changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
