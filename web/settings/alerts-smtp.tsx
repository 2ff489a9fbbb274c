import { Anchor, Group, PasswordInput } from '@mantine/core';
import type { GetInputPropsReturnType } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { noticesApi } from '../../server/notices/contract.ts';
import { call } from '../api.ts';
import { ConfirmDelete } from '../ui/confirm-delete.tsx';
import { Fold } from '../ui/form-fields.tsx';
import { tell } from '../ui/notify.tsx';
import { Steps } from '../ui/steps.tsx';
import css from './settings.module.css';
import { keepAlerts } from './use-alerts.ts';

interface Props {
  /** The server keeps one: empty leaves it as it is. */
  saved: boolean;
  props: GetInputPropsReturnType;
}

/** The address of the mail server with its password: written, never shown again; can be forgotten. */
export function SmtpField({ saved, props }: Props) {
  const { t } = useTranslation('settings');
  const { t: ui } = useTranslation('ui');
  const [asked, setAsked] = useState(false);
  const forget = async () => {
    keepAlerts(await call(noticesApi.patchAlerts, { body: { smtp: '' } }));
    tell(t('smtpForgotten'));
  };
  return (
    <div>
      <PasswordInput
        label={t('smtp')}
        description={t('smtpHelp')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        placeholder={saved ? ui('secretSaved') : 'smtps://user:password@mail.company.com:465'}
        autoComplete="new-password"
        {...props}
      />
      <Group justify="space-between" align="flex-start" gap="sm" className={css.fold}>
        <Fold label={t('smtpLooks')}>
          <div className={css.help}>
            <Steps text={t('smtpLooksMore')} />
          </div>
        </Fold>
        {saved && (
          <Anchor component="button" type="button" fz={13} onClick={() => setAsked(true)}>
            {t('smtpForget')}
          </Anchor>
        )}
      </Group>
      <ConfirmDelete
        opened={asked}
        onClose={() => setAsked(false)}
        title={t('smtpForgetAsk')}
        remove={forget}
        verb={t('smtpForgetVerb')}
      >
        {t('smtpForgetMore')}
      </ConfirmDelete>
    </div>
  );
}
