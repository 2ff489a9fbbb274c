import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, type ConnectorView, connectionsApi } from '../../server/connections/contract.ts';
import { ApiProblem, call } from '../api.ts';
import { CopyValue } from '../ui/copy-value.tsx';
import { Failure } from '../ui/failure.tsx';
import { FormFields } from '../ui/form-fields.tsx';
import {
  checkForm,
  type FormErrors,
  focusFirstError,
  problemErrors,
  splitValues,
  startValues,
} from '../ui/form-values.ts';
import { tell } from '../ui/notify.tsx';
import { Panel } from '../ui/panel.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Steps } from '../ui/steps.tsx';
import { useText } from '../ui/text.ts';
import css from './connections.module.css';
import { keepConnection } from './keep.ts';

interface Props {
  connection: ConnectionView;
  connector: ConnectorView;
  hook: NonNullable<ConnectionView['hook']>;
}

/** Where the app tells us what happens: the address, the steps to paste it, and how the app proves who it is. */
export function Inbound({ connection, connector, hook }: Props) {
  const { t } = useTranslation('connections');
  const say = useText();
  const fields = connector.webhook?.fields ?? [];
  return (
    <Panel title={t('inbound')}>
      <Stack>
        <Text c="dimmed">{t('inboundMore')}</Text>
        <CopyValue label={t('address')} value={hook.address} />
        {connector.webhook && (
          <Steps text={say(connector.webhook.help).replace(/`?\{address\}`?/g, `\`${hook.address}\``)} />
        )}
        {fields.length > 0 && <HookFields connection={connection} fields={fields} />}
        <dl className={css.facts}>
          <dt>{t('lastCall')}</dt>
          <dd>{hook.lastCallAt ? <RelativeTime at={hook.lastCallAt} /> : t('noCall')}</dd>
        </dl>
        {hook.lastRefusal && (
          <Stack gap="xs">
            <Group gap="xs">
              <Text fw={600}>{t('refused')}</Text>
              {hook.lastRefusal.at && <RelativeTime at={hook.lastRefusal.at} />}
            </Group>
            <Failure text={hook.lastRefusal.text} attention />
          </Stack>
        )}
      </Stack>
    </Panel>
  );
}

function HookFields({
  connection,
  fields,
}: {
  connection: ConnectionView;
  fields: NonNullable<ConnectorView['webhook']>['fields'];
}) {
  const { t } = useTranslation('connections');
  const { t: ui } = useTranslation('ui');
  const say = useText();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(() => startValues(fields, connection.fields));
  const [errors, setErrors] = useState<FormErrors>({});
  const { secretsSet } = connection;
  const save = useMutation({
    mutationFn: () => {
      const split = splitValues(fields, values);
      const body = { fields: { ...connection.fields, ...split.fields }, secrets: split.secrets, check: false };
      return call(connectionsApi.patchConnection, { params: { id: connection.id }, body });
    },
    onSuccess: (saved) => {
      keepConnection(saved);
      setValues(startValues(fields, saved.fields));
      tell(t('inboundSaved'));
    },
    onError: (problem) => {
      if (problem instanceof ApiProblem) setErrors(problemErrors(problem, say));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = checkForm({ fields, values, secretsSet, say, t: ui });
    setErrors(found);
    if (Object.keys(found).length === 0) save.mutate();
    else focusFirstError(form.current);
  };
  return (
    <form ref={form} noValidate onSubmit={submit}>
      <Stack>
        <FormFields
          {...{ fields, values, errors, secretsSet }}
          onChange={(key, value) => setValues((before) => ({ ...before, [key]: value }))}
        />
        {save.isError && <Failure error={save.error} />}
        <Group>
          <Button type="submit" variant="default" loading={save.isPending}>
            {t('inboundSave')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
