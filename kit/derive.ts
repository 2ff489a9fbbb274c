import type { Action } from './action.ts';
import type { Connector } from './connector.ts';
import type { RecordType } from './record-type.ts';
import type { Text } from './text.ts';
import type { Trigger } from './trigger.ts';

/** Events every record type with `changes` has. */
export type RecordEvent = 'created' | 'changed' | 'createdOrChanged';

/** A trigger a flow can start from: derived from a record type, or the connector's own. */
export type DerivedTrigger =
  | { kind: 'record'; key: string; label: Text; recordType: RecordType<unknown>; event: RecordEvent }
  | { kind: 'own'; key: string; label: Text; trigger: Trigger<unknown> };

/** An action a flow can do. */
export type DerivedAction =
  | { kind: 'create' | 'update' | 'find'; key: string; label: Text; recordType: RecordType<unknown> }
  | { kind: 'own'; key: string; label: Text; action: Action<unknown> };

const recordEvents: RecordEvent[] = ['created', 'changed', 'createdOrChanged'];

/** Grammar of our own Russian labels: the ending of a noun tells its gender well enough for the words on the shelf. */
const gender = (noun: string) => (/[ая]$/.test(noun) ? 'feminine' : /[ое]$/.test(noun) ? 'neuter' : 'masculine');
const endings = { feminine: 'а', neuter: 'о', masculine: '' };
const accusative = (noun: string) => noun.replace(/а$/, 'у').replace(/я$/, 'ю');
const lowerFirst = (word: string) => word.charAt(0).toLowerCase() + word.slice(1);

function eventLabel(label: Text, event: RecordEvent): Text {
  const en = { created: 'created', changed: 'changed', createdOrChanged: 'created or changed' }[event];
  if (typeof label === 'string') {
    const ru = { created: 'создание', changed: 'изменение', createdOrChanged: 'создание или изменение' }[event];
    return { en: `${label}: ${en}`, ru: `${label}: ${ru}` };
  }
  const ending = endings[gender(label.ru)];
  const changed = ending === '' ? 'изменён' : `изменен${ending}`;
  const created = `создан${ending}`;
  const ru = { created, changed, createdOrChanged: `${created} или ${changed}` }[event];
  return { en: `${label.en} ${en}`, ru: `${label.ru} ${ru}` };
}

function actionLabel(label: Text, verb: 'create' | 'update' | 'find'): Text {
  const words = {
    create: { en: 'Create', ru: 'Создать' },
    update: { en: 'Update', ru: 'Изменить' },
    find: { en: 'Find', ru: 'Найти' },
  }[verb];
  if (typeof label === 'string') return { en: `${words.en}: ${label}`, ru: `${words.ru}: ${label}` };
  return { en: `${words.en} ${lowerFirst(label.en)}`, ru: `${words.ru} ${lowerFirst(accusative(label.ru))}` };
}

/** "Created", "changed" and "created or changed" of a record type that can be asked for changes. */
export function recordTriggers(recordType: RecordType<unknown>): DerivedTrigger[] {
  if (!recordType.changes) return [];
  return recordEvents.map((event) => ({
    kind: 'record',
    key: `${recordType.key}.${event}`,
    label: eventLabel(recordType.label, event),
    recordType,
    event,
  }));
}

/** "Create", "update" and "find" where a record type has the methods. */
export function recordActions(recordType: RecordType<unknown>): DerivedAction[] {
  return (['create', 'update', 'find'] as const)
    .filter((verb) => recordType[verb])
    .map((verb) => ({
      kind: verb,
      key: `${recordType.key}.${verb}`,
      label: actionLabel(recordType.label, verb),
      recordType,
    }));
}

/** The triggers on the shelf: of the declared record types, and the connector's own. */
export function triggersOf(connector: Connector): DerivedTrigger[] {
  const derived = Object.values(connector.records).flatMap((recordType) => recordTriggers(recordType));
  const own = Object.values(connector.triggers).map((trigger) => ({
    kind: 'own' as const,
    key: trigger.key,
    label: trigger.label,
    trigger: trigger as Trigger<unknown>,
  }));
  return [...derived, ...own];
}

/** The actions on the shelf: of the declared record types, and the connector's own. */
export function actionsOf(connector: Connector): DerivedAction[] {
  const derived = Object.values(connector.records).flatMap((recordType) => recordActions(recordType));
  const own = Object.values(connector.actions).map((action) => ({
    kind: 'own' as const,
    key: action.key,
    label: action.label,
    action: action as Action<unknown>,
  }));
  return [...derived, ...own];
}
