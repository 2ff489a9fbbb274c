import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connectionsApi } from '../../server/connections/contract.ts';
import { queryClient, queryOf } from '../api.ts';
import { Mark } from '../ui/app-mark.tsx';
import { Failure } from '../ui/failure.tsx';
import { Loading } from '../ui/loading.tsx';
import { tell } from '../ui/notify.tsx';
import { Page } from '../ui/page.tsx';
import { useText } from '../ui/text.ts';
import { AccessForm } from './access-form.tsx';
import css from './connections.module.css';

/** First the app. */
export function NewConnectionPage() {
  const { t } = useTranslation('connections');
  const say = useText();
  const connectors = useQuery(queryOf(connectionsApi.listConnectors));
  return (
    <Page title={t('pickTitle')} back={{ to: '/connections', label: t('backToList') }}>
      {connectors.isPending && <Loading rows={3} height={80} />}
      {connectors.isError && <Failure error={connectors.error} retry={() => void connectors.refetch()} />}
      <ul className={css.apps}>
        {connectors.data?.map((connector) => (
          <li key={connector.key}>
            <Link to="/connections/new/$app" params={{ app: connector.key }} className={css.app}>
              <Mark {...connector.mark} size={40} />
              <div>
                <Text fw={600}>{say(connector.label)}</Text>
                <Text size="sm" c="dimmed">
                  {say(connector.description)}
                </Text>
              </div>
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** Then its form. */
export function NewConnectionFormPage() {
  const { t } = useTranslation('connections');
  const say = useText();
  const navigate = useNavigate();
  const { app } = useParams({ strict: false });
  const connectors = useQuery(queryOf(connectionsApi.listConnectors));
  const connector = connectors.data?.find((one) => one.key === app);
  const title = connector ? t('newOf', { app: say(connector.label) }) : t('add');
  return (
    <Page title={title} back={{ to: '/connections/new', label: t('backToApps') }}>
      {connectors.isPending && <Loading />}
      {connectors.isError && <Failure error={connectors.error} retry={() => void connectors.refetch()} />}
      {connectors.data && !connector && <Failure text={t('unknownApp')} />}
      {connector && (
        <AccessForm
          key={connector.key}
          connector={connector}
          onSaved={(saved) => {
            queryClient.setQueryData(
              queryOf(connectionsApi.getConnection, { params: { id: saved.id } }).queryKey,
              saved,
            );
            void queryClient.invalidateQueries({ queryKey: [connectionsApi.listConnections.path] });
            tell(t('added'));
            void navigate({ to: '/connections/$connectionId', params: { connectionId: saved.id } });
          }}
        />
      )}
    </Page>
  );
}
