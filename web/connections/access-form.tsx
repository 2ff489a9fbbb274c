import { Button, Group, Radio, Stack, TextInput } from '@mantine/core';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { connectionsApi } from '../../server/connections/contract.ts';
import { type ConnectionView, type ConnectorView } from '../../server/connections/contract.ts';
import { ApiProblem, type Output } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { FormFields } from '../ui/form-fields.tsx';
import { focusFirstError } from '../ui/form-values.ts';
import { PageLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { Panel } from '../ui/panel.tsx';
import { Steps } from '../ui/steps.tsx';
import { useText } from '../ui/text.ts';
import css from './connections.module.css';
import { Diagnosis } from './diagnosis.tsx';
import { useAccess } from './use-access.ts';

interface Props {
  connector: ConnectorView;
  connection?: ConnectionView;
  onSaved: (connection: ConnectionView) => void;
  onCancel?: () => void;
}

/** The keys of an account, as its app describes them, with the steps to get them beside; new, or renewed in place. */
export function AccessForm({ connector, connection, onSaved, onCancel }: Props) {
  const { t } = useTranslation('connections');
  const { t: ui } = useTranslation('ui');
  const say = useText();
  const form = useRef<HTMLFormElement>(null);
  const access = useAccess({ connector, connection, onSaved });
  const { auth, check, save } = access;
  const busy = check.isPending || save.isPending;
  const ifSound = (go: () => void) => {
    check.reset();
    save.reset();
    if (access.sound()) go();
    else focusFirstError(form.current);
  };
  return (
    <div className={css.twoColumns}>
      <Panel>
        <form
          ref={form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            ifSound(() => save.mutate({ checked: true }));
          }}
        >
          <Stack>
            {!connection && (
              <TextInput
                label={t('name')}
                description={t('nameHelp')}
                inputWrapperOrder={['label', 'input', 'error', 'description']}
                value={access.name}
                error={access.errors.name}
                onChange={(event) => access.setName(event.currentTarget.value)}
              />
            )}
            {connector.auth.length > 1 && (
              <Radio.Group label={t('way')} value={auth?.key ?? null} onChange={access.setAuth}>
                <Group mt="xs">
                  {connector.auth.map((way) => (
                    <Radio key={way.key} value={way.key} label={say(way.label)} />
                  ))}
                </Group>
              </Radio.Group>
            )}
            <FormFields
              fields={auth?.fields ?? []}
              values={access.values}
              onChange={access.setValue}
              errors={access.errors}
              secretsSet={access.secretsSet}
              moreAdvanced={connector.endpoints.map((endpoint) => (
                <TextInput
                  key={endpoint.key}
                  label={t('endpoint', { name: say(endpoint.label) })}
                  description={t('endpointHelp')}
                  inputWrapperOrder={['label', 'input', 'error', 'description']}
                  placeholder={endpoint.default}
                  value={access.endpoints[endpoint.key] ?? ''}
                  error={access.errors[endpoint.key]}
                  onChange={(event) => access.setEndpoint(endpoint.key, event.currentTarget.value)}
                />
              ))}
            />
            <div aria-live="polite" className={css.live}>
              {check.data && <CheckResult result={check.data} app={connector.key} />}
              {check.isError && <Failure error={check.error} />}
              {save.isError && (
                <Failure error={save.error}>
                  {isOtherAccount(save.error) ? (
                    <Group gap="sm">
                      <PageLink to="/connections/new/$app" params={{ app: connector.key }}>
                        {t('addOther')}
                      </PageLink>
                      <Button
                        size="xs"
                        variant="default"
                        onClick={() => ifSound(() => save.mutate({ checked: true, sameAccount: true }))}
                      >
                        {t('sameAccount')}
                      </Button>
                    </Group>
                  ) : (
                    <Button size="xs" variant="default" onClick={() => ifSound(() => save.mutate({ checked: false }))}>
                      {t('saveAnyway')}
                    </Button>
                  )}
                </Failure>
              )}
            </div>
            <Group justify="flex-end" gap="sm">
              {onCancel && (
                <Button variant="subtle" color="gray" onClick={onCancel}>
                  {ui('cancel')}
                </Button>
              )}
              {!connection && (
                <Button
                  variant="default"
                  disabled={busy}
                  loading={check.isPending}
                  onClick={() => ifSound(() => check.mutate())}
                >
                  {t('check')}
                </Button>
              )}
              <Button type="submit" disabled={busy} loading={save.isPending}>
                {t(connection ? 'reconnect' : 'save')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
      {auth && say(auth.help) && (
        <div className={css.helpFirst}>
          <Panel title={t('howTo')}>
            <Steps text={say(auth.help)} />
          </Panel>
        </div>
      )}
    </div>
  );
}

const isOtherAccount = (error: unknown) => error instanceof ApiProblem && error.code === 'connection.other_account';

/** What the other side said: it works and as whom, or which thing is wrong. */
export function CheckResult({ result, app }: { result: Output<typeof connectionsApi.checkConnection>; app: string }) {
  const { t } = useTranslation('connections');
  const say = useText();
  return (
    <Stack gap="sm">
      {result.ok ? (
        <Notice tone="good">{result.account ? t('checkedAs', { account: result.account }) : t('checked')}</Notice>
      ) : (
        result.failure && <Diagnosis failure={result.failure} app={app} />
      )}
      {result.warnings.map((warning) => (
        <Failure key={say(warning)} text={warning} attention />
      ))}
    </Stack>
  );
}
