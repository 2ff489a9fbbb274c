import { Button, Code, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { accountsApi } from '../../server/accounts/contract.ts';
import { call, queryClient, queryOf } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { Fold } from '../ui/form-fields.tsx';
import { useLanguage } from '../ui/text.ts';
import { Door } from './door.tsx';
import { looksLikeEmail } from './rules.ts';

/** Signs in and goes on to the page that was asked for. The words of a refusal, and of “slow down”, are the server's. */
export function SignInPage() {
  const { t } = useTranslation('accounts');
  const language = useLanguage();
  const router = useRouter();
  const { to } = useSearch({ from: '/sign-in' });
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (email) => (looksLikeEmail(email) ? null : t('fillEmail')),
      password: (password) => (password ? null : t('fillPassword')),
    },
  });
  const signIn = useMutation({
    mutationFn: (body: typeof form.values) =>
      call(accountsApi.postSession, { body: { ...body, email: body.email.trim(), language } }),
    onSuccess: (person) => {
      queryClient.clear();
      queryClient.setQueryData(queryOf(accountsApi.getSession).queryKey, person);
      router.history.push(to ?? '/');
    },
  });
  return (
    <Door title={t('signInTitle')}>
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => signIn.mutate(values),
          (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
        )}
      >
        <Stack>
          {signIn.isError && <Failure error={signIn.error} />}
          <TextInput
            label={t('email')}
            type="email"
            autoComplete="username"
            autoFocus
            {...form.getInputProps('email')}
          />
          <PasswordInput label={t('password')} autoComplete="current-password" {...form.getInputProps('password')} />
          <Button type="submit" loading={signIn.isPending}>
            {t('signIn')}
          </Button>
          <Fold label={t('forgotten')}>
            <Text size="sm" mb="xs">
              {t('forgottenHelp')}
            </Text>
            <Code block>npm run mostik -- reset-password</Code>
          </Fold>
        </Stack>
      </form>
    </Door>
  );
}
