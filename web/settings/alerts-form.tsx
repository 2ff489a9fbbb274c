import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alerts } from '../../server/notices/contract.ts';
import { Failure } from '../ui/failure.tsx';
import { Fold } from '../ui/form-fields.tsx';
import { Notice } from '../ui/notice.tsx';
import { Steps } from '../ui/steps.tsx';
import { SmtpField } from './alerts-smtp.tsx';
import { Trial } from './alerts-trial.tsx';
import css from './settings.module.css';
import { problemOfAlerts, useAlerts } from './use-alerts.ts';

const order: ('label' | 'input' | 'error' | 'description')[] = ['label', 'input', 'error', 'description'];

/** Who is told by mail, through which server, and which address gets a call. */
export function AlertsForm({ alerts }: { alerts: Alerts }) {
  const { t } = useTranslation('settings');
  const { t: ui } = useTranslation('ui');
  const place = useRef<HTMLFormElement>(null);
  const { form, save, trial, sound, dirty } = useAlerts(alerts, place);
  const missing = problemOfAlerts(form.values, alerts);
  const submit = () => sound() && save.mutate();
  return (
    <form
      ref={place}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="lg">
        <Text c="dimmed">{t('alertsMore')}</Text>
        {save.isError && <Failure error={save.error} />}
        <TextInput
          type="email"
          label={t('alertsEmail')}
          description={t('alertsEmailHelp')}
          inputWrapperOrder={order}
          autoComplete="off"
          placeholder="office@company.com"
          {...form.getInputProps('email')}
        />
        <TextInput
          type="email"
          label={t('alertsFrom')}
          description={t('alertsFromHelp')}
          inputWrapperOrder={order}
          autoComplete="off"
          placeholder={form.values.email || 'mostik@company.com'}
          {...form.getInputProps('from')}
        />
        <SmtpField saved={alerts.smtpSet} props={form.getInputProps('smtp')} />
        <Unsent text={alerts.failures.mail} />
        {missing && <Notice tone="attention">{t(missing)}</Notice>}
        <div>
          <TextInput
            type="url"
            label={t('alertsWebhook')}
            description={t('alertsWebhookHelp')}
            inputWrapperOrder={order}
            autoComplete="off"
            placeholder="https://company.com/alerts"
            {...form.getInputProps('webhook')}
          />
          <Unsent text={alerts.failures.webhook} />
          <div className={css.fold}>
            <Fold label={t('alertsWebhookWhat')}>
              <div className={css.help}>
                <Steps text={t('alertsWebhookWhatMore')} />
              </div>
            </Fold>
          </div>
        </div>
        <Trial results={trial.data} error={trial.error} email={alerts.email} />
        <Group justify="flex-end" gap="sm">
          <Button
            variant="default"
            loading={trial.isPending}
            disabled={save.isPending}
            onClick={() => sound() && trial.mutate()}
          >
            {t(dirty ? 'alertsSaveAndTry' : 'alertsTry')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={trial.isPending}>
            {ui('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Why the latest alert has not left by this way. */
function Unsent({ text }: { text: Alerts['failures']['mail'] }) {
  const { t } = useTranslation('settings');
  if (text === null) return null;
  return (
    <Failure text={text} attention>
      <Text size="sm">{t('alertsUnsent')}</Text>
    </Failure>
  );
}
