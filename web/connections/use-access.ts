import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, type ConnectorView, connectionsApi } from '../../server/connections/contract.ts';
import type { JsonValue } from '../../server/http/contract.ts';
import { ApiProblem, call } from '../api.ts';
import {
  checkForm,
  type FormErrors,
  type FormValues,
  problemErrors,
  splitValues,
  startValues,
} from '../ui/form-values.ts';
import { useText } from '../ui/text.ts';

interface Options {
  connector: ConnectorView;
  /** The one to reconnect; absent: a new one. */
  connection?: ConnectionView | undefined;
  onSaved: (connection: ConnectionView) => void;
}

/** What the form of a connection keeps and does: values, mistakes, check, save. */
export function useAccess({ connector, connection, onSaved }: Options) {
  const { t } = useTranslation('connections');
  const { t: ui } = useTranslation('ui');
  const say = useText();
  const [authKey, setAuthKey] = useState(connection?.auth ?? connector.auth[0]?.key ?? '');
  const auth = connector.auth.find((one) => one.key === authKey) ?? connector.auth[0];
  const fields = auth?.fields ?? [];
  const [name, setName] = useState(connection?.name ?? say(connector.label));
  const [values, setValues] = useState<FormValues>(() => startValues(fields, connection?.fields));
  const [endpoints, setEndpoints] = useState<Record<string, string>>(connection?.endpoints ?? {});
  const [errors, setErrors] = useState<FormErrors>({});
  const secretsSet = connection && connection.auth === authKey ? connection.secretsSet : [];

  const filled = () => ({
    auth: authKey,
    ...splitValues(fields, values),
    endpoints: Object.fromEntries(Object.entries(endpoints).filter(([, address]) => address.trim())),
  });
  const refused = (problem: unknown) => {
    if (problem instanceof ApiProblem) setErrors(problemErrors(problem, say));
  };
  const check = useMutation({
    mutationFn: () => call(connectionsApi.checkNewConnection, { body: { connector: connector.key, ...filled() } }),
    onError: refused,
  });
  const save = useMutation({
    mutationFn: ({ checked, sameAccount = false }: { checked: boolean; sameAccount?: boolean }) =>
      connection
        ? call(connectionsApi.patchConnection, {
            params: { id: connection.id },
            body: { ...filled(), check: checked, sameAccount },
          })
        : call(connectionsApi.postConnection, {
            body: { connector: connector.key, name: name.trim(), ...filled(), check: checked },
          }),
    onSuccess: onSaved,
    onError: refused,
  });

  /** False: there are mistakes, and they are shown. */
  const sound = (): boolean => {
    const found = checkForm({ fields, values, secretsSet, say, t: ui });
    if (!connection && !name.trim()) found.name = t('fillName');
    setErrors(found);
    return Object.keys(found).length === 0;
  };
  return {
    auth,
    setAuth: (key: string) => {
      setAuthKey(key);
      const chosen = connector.auth.find((one) => one.key === key);
      setValues(startValues(chosen?.fields ?? [], connection?.auth === key ? connection.fields : {}));
      setErrors({});
    },
    name,
    setName,
    values,
    setValue: (key: string, value: JsonValue) => {
      setValues((before) => ({ ...before, [key]: value }));
      setErrors((before) => Object.fromEntries(Object.entries(before).filter(([at]) => at !== key)));
      check.reset();
    },
    endpoints,
    setEndpoint: (key: string, address: string) => setEndpoints((before) => ({ ...before, [key]: address })),
    errors,
    secretsSet,
    check,
    save,
    sound,
  };
}
