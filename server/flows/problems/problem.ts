import type { Field } from '../../../kit/field.ts';
import type { Text } from '../../../kit/text.ts';
import type { ActionView, ConnectorView, TriggerView } from '../../connections/contract.ts';
import type { FlowDraft, FlowProblem } from '../contract.ts';

/** What is known about the outside when a draft is looked at. What could not be loaded is absent, and what depends on it is not asked. */
export interface Known {
  connections: { id: string; connector: string }[];
  /** By connector key. */
  apps: Record<string, Pick<ConnectorView, 'triggers' | 'actions' | 'discovers'>>;
  /** Of objects that only an account has, by connection and key. What could not be asked is absent. */
  live?: { triggers: LiveOffers<TriggerView>; actions: LiveOffers<ActionView> };
  /** The field at a path over the trigger's record and its references: for each of `draftPaths`. */
  fieldAt?: (path: string) => Field | undefined;
  /** By id of the step. */
  steps: Record<string, KnownStep>;
}

export type LiveOffers<View> = Record<string, View | { gone: Text }>;
/** Where an offer of an account stands in `Known.live`. */
export const livePlace = (connection: string, key: string): string => `${connection} ${key}`;

interface Place {
  connection: string;
  key: string;
}

/** There, with its words · gone, and why · not known now: the account could not be asked. */
export type Offered<View> = { is: 'there'; view: View } | { is: 'gone'; text: Text } | { is: 'unasked' };

export function offeredTrigger(known: Known, { connection, key }: Place): Offered<TriggerView> {
  const app = known.apps[connectorOf(known, connection)];
  const view = app?.triggers.find((each) => each.key === key);
  if (view) return { is: 'there', view };
  return offered(known.live?.triggers[livePlace(connection, key)], {
    discovers: app?.discovers ?? false,
    otherwise: {
      en: 'The app has no such event any more. Choose another one.',
      ru: 'В приложении больше нет такого события. Выберите другое.',
    },
  });
}

export function offeredAction(known: Known, { connection, key }: Place): Offered<ActionView> {
  const app = known.apps[connectorOf(known, connection)];
  const view = app?.actions.find((each) => each.key === key);
  if (view) return { is: 'there', view };
  return offered(known.live?.actions[livePlace(connection, key)], {
    discovers: app?.discovers ?? false,
    otherwise: {
      en: 'The app has no such action any more. Choose another one.',
      ru: 'В приложении больше нет такого действия. Выберите другое.',
    },
  });
}

const connectorOf = (known: Known, connection: string): string =>
  known.connections.find(({ id }) => id === connection)?.connector ?? '';

function offered<View extends object>(
  live: View | { gone: Text } | undefined,
  { discovers, otherwise }: { discovers: boolean; otherwise: Text },
): Offered<View> {
  if (live === undefined) return discovers ? { is: 'unasked' } : { is: 'gone', text: otherwise };
  return 'gone' in live ? { is: 'gone', text: live.gone } : { is: 'there', view: live };
}

export interface KnownStep {
  /** What can be mapped. */
  targets?: Field[];
  /** All fields of the record type: keys may look by ones that cannot be written. */
  fields?: Field[];
  /** What later steps can use of its answer. */
  output?: Field[];
}

export type DraftStep = FlowDraft['steps'][number];

/** Makes one problem; `about` is the field, rule or key it stands at. */
export const problem = (card: string, code: string, text: Text, about?: string): FlowProblem => ({
  card,
  code,
  text,
  ...(about === undefined ? {} : { field: about }),
});
