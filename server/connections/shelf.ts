import type { Connector } from '../../kit/connector.ts';
import { actionsOf, type DerivedAction, type DerivedTrigger, triggersOf } from '../../kit/derive.ts';
import type { ActionView, ConnectorView, TriggerView } from './contract.ts';

/** A connector as screens and API see it. */
export function describeConnector(connector: Connector): ConnectorView {
  return {
    key: connector.key,
    label: connector.label,
    description: connector.description,
    mark: connector.mark,
    auth: connector.auth,
    endpoints: connector.endpoints,
    triggers: triggersOf(connector).map((trigger) => viewTrigger(connector, trigger)),
    actions: actionsOf(connector).map(viewAction),
    discovers: connector.discover !== undefined,
    webhook: connector.webhook ? { help: connector.webhook.help, fields: connector.webhook.fields ?? [] } : null,
  };
}

/** A trigger as screens and API see it. */
export function viewTrigger(connector: Connector, trigger: DerivedTrigger): TriggerView {
  const own = trigger.kind === 'own' ? trigger.trigger : null;
  return {
    key: trigger.key,
    label: trigger.label,
    ...(own?.help ? { help: own.help } : {}),
    recordType: trigger.kind === 'record' ? trigger.recordType.key : trigger.trigger.recordType,
    settings: own?.settings ?? [],
    polled: own === null || own.poll !== undefined,
    realTime: connector.webhook !== undefined,
  };
}

/** An action as screens and API see it. */
export function viewAction(action: DerivedAction): ActionView {
  const own = action.kind === 'own' ? action.action : null;
  return {
    key: action.key,
    kind: action.kind,
    label: action.label,
    ...(own?.help ? { help: own.help } : {}),
    recordType: action.kind === 'own' ? action.action.recordType : action.recordType.key,
    settings: action.kind === 'own' ? (action.action.settings ?? []) : (action.recordType.actionSettings ?? []),
    duplicates: duplicatesOf(action.kind, own?.recordType ?? null),
  };
}

function duplicatesOf(kind: 'create' | 'update' | 'find' | 'own', recordType: string | null): ActionView['duplicates'] {
  switch (kind) {
    case 'create':
      return 'create';
    case 'update':
    case 'find':
      return 'target';
    case 'own':
      return recordType === null ? 'none' : 'target';
  }
}
