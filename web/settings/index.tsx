import { Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { settingsApi } from '../../server/settings/contract.ts';
import { type Output, queryOf } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { Alerts } from './alerts.tsx';
import { HistorySize } from './history-size.tsx';
import css from './settings.module.css';
import { SettingsForm } from './settings-form.tsx';

export function SettingsPage() {
  const { t } = useTranslation('settings');
  const settings = useQuery(queryOf(settingsApi.getSettings));
  return (
    <Page title={t('title')} narrow>
      {settings.isPending && <Loading />}
      {settings.isError && <Failure error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && (
        <Stack>
          <SettingsForm settings={settings.data} />
          <Alerts />
          <HistorySize settings={settings.data} />
          <Here settings={settings.data} />
        </Stack>
      )}
    </Page>
  );
}

function Here({ settings }: { settings: Output<typeof settingsApi.getSettings> }) {
  const { t } = useTranslation('settings');
  const { publicUrl, realTimePossible } = settings;
  return (
    <Panel title={t('here')}>
      <dl className={css.facts}>
        <dt>{t('address')}</dt>
        <dd>
          <Text fw={600}>{publicUrl ?? t('addressNone')}</Text>
          <div className={css.realTime} data-possible={realTimePossible || undefined}>
            {realTimePossible ? <IconCircleCheck size={18} aria-hidden /> : <IconInfoCircle size={18} aria-hidden />}
            <span>{t(realTimePossible ? 'addressWorks' : publicUrl ? 'addressHttpHelp' : 'addressNoHelp')}</span>
          </div>
        </dd>
        <dt>{t('version')}</dt>
        <dd>{settings.version}</dd>
      </dl>
    </Panel>
  );
}
