import { type QueryClient, useQueries } from '@tanstack/react-query';
import {
  type ActionView,
  type ConnectorView,
  connectionsApi,
  type TriggerView,
} from '../../../server/connections/contract.ts';
import { queryOf } from '../../api.ts';
import type { Catalog } from './catalog.ts';
import type { StepDraft, TriggerDraft } from './draft.ts';

interface Named {
  connection: string;
  key: string;
}

/** What an account tells of one of its triggers or actions. */
const triggerQuery = ({ connection, key }: Named) => ({
  ...queryOf(connectionsApi.listTriggers, { params: { id: connection }, query: { keys: key, limit: 1 } }),
  staleTime: 300_000,
});
const actionQuery = ({ connection, key }: Named) => ({
  ...queryOf(connectionsApi.listActions, { params: { id: connection }, query: { keys: key, limit: 1 } }),
  staleTime: 300_000,
});

const asOnly = <View>(view: View) => ({ items: [view], total: 1, failure: null });
/** What was just chosen needs not be asked for. */
export const keepTrigger = (client: QueryClient, { connection, view }: { connection: string; view: TriggerView }) =>
  client.setQueryData(triggerQuery({ connection, key: view.key }).queryKey, asOnly(view));
export const keepAction = (client: QueryClient, { connection, view }: { connection: string; view: ActionView }) =>
  client.setQueryData(actionQuery({ connection, key: view.key }).queryKey, asOnly(view));

/**
 * The catalog with what a flow names of objects that only its accounts have. While an account does not answer, a key
 * stands for its name, so that the cards stay usable.
 */
export function useLiveCatalog(
  catalog: Catalog,
  used: { triggers: (TriggerDraft | null | undefined)[]; steps: StepDraft[] },
): Catalog {
  const triggers = used.triggers.flatMap((each) =>
    isLive(catalog, each?.connection, catalog.triggerOf(each ?? null)) && each?.trigger
      ? [{ connection: each.connection ?? '', key: each.trigger }]
      : [],
  );
  const actions = used.steps.flatMap((step) =>
    isLive(catalog, step.connection, catalog.actionOf(step)) && step.action
      ? [{ connection: step.connection ?? '', key: step.action }]
      : [],
  );
  const triggerAnswers = useQueries({ queries: once(triggers).map(triggerQuery) });
  const actionAnswers = useQueries({ queries: once(actions).map(actionQuery) });
  const found = <View extends { key: string }>(
    asked: Named[],
    {
      answers,
      connection,
      key,
    }: { answers: { data?: { items: View[] } | undefined }[]; connection: string; key: string },
  ) => {
    const place = once(asked).findIndex((each) => each.connection === connection && each.key === key);
    return answers[place]?.data?.items.find((view) => view.key === key);
  };
  return {
    ...catalog,
    triggerOf: (trigger) => {
      const known = catalog.triggerOf(trigger);
      const connector = catalog.connectorOf(trigger?.connection);
      if (known || !trigger?.connection || !trigger.trigger || !connector?.discovers) return known;
      const named = { connection: trigger.connection, key: trigger.trigger };
      return found(triggers, { answers: triggerAnswers, ...named }) ?? makeshiftTrigger(connector, trigger.trigger);
    },
    actionOf: (step) => {
      const known = catalog.actionOf(step);
      const connector = catalog.connectorOf(step.connection);
      if (known || !step.connection || !step.action || !connector?.discovers) return known;
      const named = { connection: step.connection, key: step.action };
      return found(actions, { answers: actionAnswers, ...named }) ?? makeshiftAction(step.action);
    },
  };
}

const isLive = (catalog: Catalog, connection: string | undefined, known: object | undefined): boolean =>
  known === undefined && catalog.connectorOf(connection)?.discovers === true;

const once = (named: Named[]): Named[] => [
  ...new Map(named.map((each) => [`${each.connection} ${each.key}`, each])).values(),
];

/** `UsrVehicle.created` → `UsrVehicle`; null when it is no event or verb that every object has. */
function objectOf<Ending extends string>(
  key: string,
  endings: readonly Ending[],
): { object: string; ending: Ending } | null {
  const at = key.lastIndexOf('.');
  const ending = endings.find((each) => each === key.slice(at + 1));
  return at > 0 && ending ? { object: key.slice(0, at), ending } : null;
}

function makeshiftTrigger({ triggers }: ConnectorView, key: string): TriggerView | undefined {
  const named = objectOf(key, ['created', 'changed', 'createdOrChanged']);
  if (!named) return undefined;
  const realTime = triggers.some((each) => each.realTime);
  return { key, label: key, recordType: named.object, settings: [], polled: true, realTime, discovered: true };
}

function makeshiftAction(key: string): ActionView | undefined {
  const named = objectOf(key, ['create', 'update', 'find']);
  if (!named) return undefined;
  const { object: recordType, ending: kind } = named;
  const duplicates = kind === 'create' ? 'create' : 'target';
  return { key, kind, label: key, recordType, settings: [], duplicates, discovered: true };
}
