import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { type Alerts, alertsSchema, noticesApi } from '../../server/notices/contract.ts';
import { ApiProblem, call, queryClient, queryOf } from '../api.ts';
import { focusFirstError, problemErrors } from '../ui/form-values.ts';
import { tell } from '../ui/notify.tsx';
import { useText } from '../ui/text.ts';

/** What is typed; `smtp` is empty unless it is to be replaced. */
type AlertValues = Omit<Alerts, 'smtpSet' | 'failures'> & { smtp: string };

/** Puts what the server answered on the screen. */
export function keepAlerts(alerts: Alerts): void {
  queryClient.setQueryData(queryOf(noticesApi.getAlerts).queryKey, alerts);
}

const { email, from, webhook } = alertsSchema.shape;
const { smtp } = noticesApi.patchAlerts.body.shape;

/** What keeps mail from being sent; null: nothing does, or no mail is wanted. */
export function problemOfAlerts(values: AlertValues, { smtpSet }: Alerts): 'mailNoSmtp' | 'mailNoEmail' | null {
  const server = smtpSet || values.smtp.trim() !== '';
  const wanted = values.email.trim() !== '';
  if (wanted === server) return null;
  return wanted ? 'mailNoSmtp' : 'mailNoEmail';
}

const trimmed = (values: AlertValues): AlertValues => ({
  email: values.email.trim(),
  from: values.from.trim(),
  smtp: values.smtp.trim(),
  webhook: values.webhook.trim(),
});

/** What the form of the alerts keeps and does: values, mistakes, save, trial. */
export function useAlerts(alerts: Alerts, place: RefObject<HTMLFormElement | null>) {
  const { t } = useTranslation('settings');
  const say = useText();
  const kept = { email: alerts.email, from: alerts.from, smtp: '', webhook: alerts.webhook };
  const form = useForm<AlertValues>({
    initialValues: kept,
    validate: {
      email: (value) => (email.safeParse(value.trim()).success ? null : t('badEmail')),
      from: (value) => (from.safeParse(value.trim()).success ? null : t('badEmail')),
      smtp: (value) =>
        value.trim() === '' || (smtp.safeParse(value.trim()).success && URL.canParse(value.trim()))
          ? null
          : t('badSmtp'),
      webhook: (value) => (webhook.safeParse(value.trim()).success ? null : t('badWebhook')),
    },
  });
  const write = async () => {
    const { smtp: server, ...rest } = trimmed(form.values);
    const saved = await call(noticesApi.patchAlerts, { body: { ...rest, ...(server && { smtp: server }) } });
    keepAlerts(saved);
    const now = { email: saved.email, from: saved.from, smtp: '', webhook: saved.webhook };
    form.setInitialValues(now);
    form.setValues(now);
  };
  const refused = (problem: unknown) => {
    if (!(problem instanceof ApiProblem)) return;
    form.setErrors(problemErrors(problem, say));
    focusFirstError(place.current);
  };
  const dirty = form.isDirty();
  const trial = useMutation({
    mutationFn: async () => {
      if (dirty) await write();
      return call(noticesApi.testAlerts);
    },
    onError: refused,
  });
  const save = useMutation({
    mutationFn: write,
    onSuccess: () => {
      trial.reset();
      tell(t('alertsSaved'));
    },
    onError: refused,
  });
  /** False: there are mistakes, and they are shown. */
  const sound = (): boolean => {
    const { hasErrors } = form.validate();
    if (hasErrors) focusFirstError(place.current);
    return !hasErrors;
  };
  return { form, save, trial, sound, dirty };
}
