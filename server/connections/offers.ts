import {
  actionsOf,
  type DerivedAction,
  type DerivedTrigger,
  recordActions,
  recordTriggers,
  triggersOf,
} from '../../kit/derive.ts';
import { asConnectorError, ConnectorError } from '../../kit/errors.ts';
import { fill, inLanguage, type Text } from '../../kit/text.ts';
import type { ActionView, FailureView, TriggerView } from './contract.ts';
import type { OpenConnection } from './open.ts';
import { viewAction, viewTrigger } from './shelf.ts';

/** `UsrVehicle` of `UsrVehicle.created`. */
const typeOf = (key: string): string => key.slice(0, Math.max(0, key.lastIndexOf('.')));

/** A trigger of this connection: from the shelf, or of a record type that only the live account knows. */
export async function triggerOf(connection: OpenConnection, key: string): Promise<DerivedTrigger | undefined> {
  const declared = triggersOf(connection.connector).find((trigger) => trigger.key === key);
  if (declared) return declared;
  const recordType = await connection.recordType(typeOf(key));
  return recordType && recordTriggers(recordType).find((trigger) => trigger.key === key);
}

/** An action of this connection, as `triggerOf`. */
export async function actionOf(connection: OpenConnection, key: string): Promise<DerivedAction | undefined> {
  const declared = actionsOf(connection.connector).find((action) => action.key === key);
  if (declared) return declared;
  const recordType = await connection.recordType(typeOf(key));
  return recordType && recordActions(recordType).find((action) => action.key === key);
}

type What = 'trigger' | 'action';
interface Missed {
  what: What;
  key: string;
}

/** Why a trigger or an action is not there, and what to do: of a discovered type the object is named. */
export function goneText(connection: OpenConnection, { what, key }: Missed): Text {
  const type = typeOf(key);
  const isObject = connection.connector.discover !== undefined && !(type in connection.connector.records);
  return fill(texts[isObject ? 'object' : 'app'][what], { object: type, connection: connection.name });
}

const texts: Record<'object' | 'app', Record<What, Text>> = {
  object: {
    trigger: {
      en: '“{connection}” has no object “{object}” any more: it was deleted, renamed or closed to this user. Bring it back over there, or choose another event.',
      ru: 'В подключении «{connection}» больше нет объекта «{object}»: его удалили, переименовали или закрыли от этого пользователя. Верните его там или выберите другое событие.',
    },
    action: {
      en: '“{connection}” has no object “{object}” any more: it was deleted, renamed or closed to this user. Bring it back over there, or choose another action.',
      ru: 'В подключении «{connection}» больше нет объекта «{object}»: его удалили, переименовали или закрыли от этого пользователя. Верните его там или выберите другое действие.',
    },
  },
  app: {
    trigger: {
      en: 'The app has no such event any more. Choose another one.',
      ru: 'В приложении больше нет такого события. Выберите другое.',
    },
    action: {
      en: 'The app has no such action any more. Choose another one.',
      ru: 'В приложении больше нет такого действия. Выберите другое.',
    },
  },
};

/** The failure of a walk whose trigger or action is not there any more. */
export const gone = (connection: OpenConnection, missed: Missed): ConnectorError =>
  new ConnectorError({ kind: 'rejected', code: `flow.${missed.what}_missing`, text: goneText(connection, missed) });

export interface OfferQuery {
  search: string;
  /** Exactly these, in the place of a search. */
  keys: string[];
  limit: number;
  offset: number;
  fresh: boolean;
}

export interface Offers<View> {
  items: View[];
  total: number;
  /** The account could not be asked: only what is on the shelf is listed. */
  failure: FailureView | null;
}

/** The triggers of a connection: those of the shelf first, then the objects of the account, the usual ones first. */
export async function listTriggers(connection: OpenConnection, query: OfferQuery): Promise<Offers<TriggerView>> {
  const { connector } = connection;
  const { types, failure } = await discovered(connection, query);
  const live = types.flatMap(recordTriggers).map((each) => ({ ...viewTrigger(connector, each), discovered: true }));
  return { ...pageOf([...triggersOf(connector).map((each) => viewTrigger(connector, each)), ...live], query), failure };
}

/** The actions of a connection, as `listTriggers`. */
export async function listActions(connection: OpenConnection, query: OfferQuery): Promise<Offers<ActionView>> {
  const { types, failure } = await discovered(connection, query);
  const live = types.flatMap(recordActions).map((each) => ({ ...viewAction(each), discovered: true }));
  return { ...pageOf([...actionsOf(connection.connector).map(viewAction), ...live], query), failure };
}

async function discovered({ connector, discovered: all }: OpenConnection, { keys, fresh }: OfferQuery) {
  const isOnShelf = (key: string) =>
    typeOf(key) in connector.records || key in connector.triggers || key in connector.actions;
  if (!connector.discover || (keys.length > 0 && keys.every(isOnShelf))) return { types: [], failure: null };
  try {
    return { types: await all(fresh), failure: null };
  } catch (error) {
    const { kind, code, text } = asConnectorError(error);
    return { types: [], failure: { kind, code, text } };
  }
}

const folded = (words: string): string => words.toLowerCase().replaceAll('ё', 'е').trim();

function pageOf<View extends { key: string; label: Text }>(
  all: View[],
  { keys, search, limit, offset }: OfferQuery,
): { items: View[]; total: number } {
  const found = keys.length > 0 ? all.filter(({ key }) => keys.includes(key)) : matching(all, search);
  return { items: found.slice(offset, offset + limit), total: found.length };
}

/** Every word is somewhere in the names or the key; those that begin with what was typed come first. */
function matching<View extends { key: string; label: Text }>(all: View[], search: string): View[] {
  const typed = folded(search);
  if (typed === '') return all;
  const words = typed.split(/\s+/);
  const found = all.flatMap((view) => {
    const names = [inLanguage(view.label, 'ru'), inLanguage(view.label, 'en'), view.key].map(folded);
    if (!words.every((word) => names.some((name) => name.includes(word)))) return [];
    return [{ view, begins: names.some((name) => name.startsWith(typed)) }];
  });
  return [...found.filter(({ begins }) => begins), ...found.filter(({ begins }) => !begins)].map(({ view }) => view);
}
