import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { accountsApi } from '../../server/accounts/contract.ts';
import { call, queryClient, queryOf } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { useLanguage } from '../ui/text.ts';
import { Door } from './door.tsx';
import { looksLikeEmail, shortestPassword } from './rules.ts';

/** The first visit: makes the administrator. */
export function SetUpPage() {
  const { t } = useTranslation('accounts');
  const language = useLanguage();
  const navigate = useNavigate();
  const { data: setup } = useQuery(queryOf(accountsApi.getSetup));
  const codeNeeded = setup?.codeNeeded ?? false;
  const form = useForm({
    initialValues: { name: '', email: '', password: '', code: '' },
    validate: {
      name: (name) => (name.trim() ? null : t('fillName')),
      email: (email) => (looksLikeEmail(email) ? null : t('fillEmail')),
      password: (password) => (password.length >= shortestPassword ? null : t('shortPassword')),
      code: (code) => (!codeNeeded || code.trim() ? null : t('fillCode')),
    },
  });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const creation = useMutation({
    mutationFn: ({ code, ...person }: typeof form.values) =>
      call(accountsApi.postSetup, {
        body: { ...person, email: person.email.trim(), language, zone, ...(codeNeeded ? { code: code.trim() } : {}) },
      }),
    onSuccess: async (person) => {
      queryClient.clear();
      queryClient.setQueryData(queryOf(accountsApi.getSession).queryKey, person);
      await navigate({ to: '/' });
    },
  });
  return (
    <Door title={t('setUp')} more={t('setUpMore')}>
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => creation.mutate(values),
          (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
        )}
      >
        <Stack>
          {creation.isError && <Failure error={creation.error} />}
          <TextInput label={t('name')} autoComplete="name" autoFocus {...form.getInputProps('name')} />
          <TextInput label={t('email')} type="email" autoComplete="username" {...form.getInputProps('email')} />
          <PasswordInput
            label={t('password')}
            description={t('passwordRule')}
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
          {codeNeeded && (
            <TextInput
              label={t('code')}
              description={t('codeHelp')}
              placeholder="XXXX-XXXX-XXXX"
              autoComplete="one-time-code"
              {...form.getInputProps('code')}
            />
          )}
          <Button type="submit" loading={creation.isPending}>
            {t('create')}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
