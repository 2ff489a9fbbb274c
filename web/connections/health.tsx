import { Button, Group, Stack } from '@mantine/core';
import { IconPlugConnected, IconRefresh } from '@tabler/icons-react';
import type { UseMutationResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ConnectionView, ConnectorView, connectionsApi } from '../../server/connections/contract.ts';
import type { Output } from '../api.ts';
import { AppMark } from '../ui/app-mark.tsx';
import { Failure } from '../ui/failure.tsx';
import { Panel } from '../ui/panel.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { CheckResult } from './access-form.tsx';
import css from './connections.module.css';
import { Diagnosis, nextClickOf } from './diagnosis.tsx';
import { ValidUntil } from './valid-until.tsx';

interface Props {
  connection: ConnectionView;
  connector: ConnectorView;
  check: UseMutationResult<Output<typeof connectionsApi.checkConnection>, Error, void>;
  /** Undefined while the form is open. */
  onReconnect: (() => void) | undefined;
}

/** Does it work, as whom, since when; if not, what is wrong and the next click. */
export function Health({ connection, connector, check, onReconnect }: Props) {
  const { t } = useTranslation('connections');
  const broken = connection.health === 'reconnect';
  const ailing = broken || connection.health === 'ailing';
  const failure = check.data ? check.data.failure : ailing ? connection.lastFailure : null;
  const offered = failure ? nextClickOf(failure) : null;
  const reconnect = onReconnect && offered !== 'reconnect' && offered !== 'address' && (
    <Button
      variant={broken ? 'filled' : 'default'}
      leftSection={<IconPlugConnected size={16} aria-hidden />}
      onClick={onReconnect}
    >
      {t('reconnect')}
    </Button>
  );
  return (
    <Panel
      title={t('health')}
      aside={
        <Group gap="sm">
          {reconnect}
          {offered !== 'check' && (
            <Button
              variant={broken ? 'default' : 'filled'}
              leftSection={<IconRefresh size={16} aria-hidden />}
              loading={check.isPending}
              onClick={() => check.mutate()}
            >
              {t('check')}
            </Button>
          )}
        </Group>
      }
    >
      <Stack>
        <dl className={css.facts}>
          <dt>
            <AppMark app={connector.key} size={22} named />
          </dt>
          <dd>
            <StateBadge of="connection" state={connection.health} />
          </dd>
          {connection.account && (
            <>
              <dt>{t('account')}</dt>
              <dd>{connection.account}</dd>
            </>
          )}
          <dt>{t('workedAt')}</dt>
          <dd>{connection.workedAt ? <RelativeTime at={connection.workedAt} /> : t('notYet')}</dd>
          {connection.secretsSet.length > 0 && (
            <>
              <dt>{t('until.label')}</dt>
              <dd>
                <ValidUntil connection={connection} />
              </dd>
            </>
          )}
        </dl>
        <div aria-live="polite" className={css.live}>
          {check.data?.ok && <CheckResult result={check.data} app={connector.key} />}
          {check.isError && <Failure error={check.error} />}
        </div>
        {failure && (
          <Diagnosis
            failure={failure}
            app={connector.key}
            onReconnect={onReconnect}
            onCheck={() => check.mutate()}
            checking={check.isPending}
          />
        )}
        {!check.data && connection.warnings.map((warning, at) => <Failure key={at} text={warning} attention />)}
      </Stack>
    </Panel>
  );
}
