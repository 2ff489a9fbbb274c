import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { noticesApi } from '../../server/notices/contract.ts';
import { queryOf } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { Loading } from '../ui/loading.tsx';
import { Panel } from '../ui/panel.tsx';
import { AlertsForm } from './alerts-form.tsx';

/** Where troubles are told outside the product. */
export function Alerts() {
  const { t } = useTranslation('settings');
  const alerts = useQuery({ ...queryOf(noticesApi.getAlerts), refetchOnWindowFocus: false });
  return (
    <Panel title={t('alerts')}>
      {alerts.isPending && <Loading rows={4} height={56} />}
      {alerts.isError && <Failure error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.data && <AlertsForm alerts={alerts.data} />}
    </Panel>
  );
}
