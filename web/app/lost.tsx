import { Anchor, Button, Code, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api.ts';
import { wordsOf } from '../ui/failure.tsx';
import { useText } from '../ui/text.ts';

export function NotFound() {
  const { t } = useTranslation('app');
  return (
    <Stack component="main" align="center" gap="sm" py={96} px="md" ta="center">
      <Title order={1}>{t('notFound')}</Title>
      <Text c="dimmed">{t('notFoundMore')}</Text>
      <Anchor component={Link} to="/">
        {t('toHome')}
      </Anchor>
    </Stack>
  );
}

/** The error boundary: what is known, in words, and the next click. */
export function Broken({ error }: { error: unknown }) {
  const { t } = useTranslation('app');
  const text = useText();
  // On its way to the sign-in page.
  if (error instanceof ApiProblem && error.status === 401) return null;
  const ours = error instanceof ApiProblem;
  return (
    <Stack align="center" gap="md" py={96} px="md" ta="center" role="alert">
      <Title order={1}>{ours ? text(error.text) : t('broken')}</Title>
      {!ours && (
        <>
          <Text c="dimmed" maw={520}>
            {t('brokenMore')}
          </Text>
          <Code maw={640}>{text(wordsOf(error))}</Code>
        </>
      )}
      <Button onClick={() => location.reload()}>{t('reload')}</Button>
    </Stack>
  );
}
