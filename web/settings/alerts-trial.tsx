import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { noticesApi } from '../../server/notices/contract.ts';
import type { Output } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { Notice } from '../ui/notice.tsx';
import { useText } from '../ui/text.ts';

type Results = Output<typeof noticesApi.testAlerts>;

interface Props {
  /** Undefined: none was sent yet. */
  results: Results | undefined;
  error: unknown;
  /** Who is told by mail; empty: nobody. */
  email: string;
}

/** What came of a trial alert, way by way. */
export function Trial({ results, error, email }: Props) {
  const { t } = useTranslation('settings');
  if (error) return <Failure error={error} />;
  if (!results) return null;
  const { mail, webhook } = results;
  return (
    <Stack gap="sm">
      <Way
        name={mail ? t('trialMailTo', { email }) : t('trialMail')}
        result={mail}
        unset={t(email ? 'trialNoSmtp' : 'trialNoEmail')}
      />
      <Way name={t('trialWebhook')} result={webhook} unset={t('trialNoWebhook')} />
    </Stack>
  );
}

function Way({ name, result, unset }: { name: string; result: Results['mail']; unset: string }) {
  const say = useText();
  const tone = result === null ? 'wait' : result.sent ? 'good' : 'broken';
  return (
    <Notice tone={tone}>
      <Text fw={600}>{name}</Text>
      <Text style={{ overflowWrap: 'anywhere' }}>{result ? say(result.text) : unset}</Text>
    </Notice>
  );
}
