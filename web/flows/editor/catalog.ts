import { useQueries, useQuery } from '@tanstack/react-query';
import {
  type ActionView,
  type ConnectionView,
  type ConnectorView,
  connectionsApi,
  type FieldView,
  type TriggerView,
} from '../../../server/connections/contract.ts';
import { queryOf } from '../../api.ts';
import type { StepDraft, TriggerDraft } from './draft.ts';

/** The shelf and the connections, and how to find one's way in them. */
export interface Catalog {
  connectors: ConnectorView[];
  connections: ConnectionView[];
  connectorOf(connection: string | undefined): ConnectorView | undefined;
  connectionOf(id: string | undefined): ConnectionView | undefined;
  triggerOf(trigger: TriggerDraft | null): TriggerView | undefined;
  actionOf(step: StepDraft): ActionView | undefined;
}

export function useCatalog(): { catalog: Catalog | undefined; error: Error | null; refetch: () => void } {
  const shelf = useQuery(queryOf(connectionsApi.listConnectors));
  const list = useQuery(queryOf(connectionsApi.listConnections));
  const error = shelf.error ?? list.error;
  const refetch = () => void Promise.all([shelf.refetch(), list.refetch()]);
  if (!shelf.data || !list.data) return { catalog: undefined, error, refetch };
  return { catalog: catalogOf(shelf.data, list.data), error: null, refetch };
}

function catalogOf(connectors: ConnectorView[], connections: ConnectionView[]): Catalog {
  const connectionOf = (id: string | undefined) => connections.find((connection) => connection.id === id);
  const connectorOf = (id: string | undefined) =>
    connectors.find((connector) => connector.key === connectionOf(id)?.connector);
  return {
    connectors,
    connections,
    connectionOf,
    connectorOf,
    triggerOf: (trigger) => connectorOf(trigger?.connection)?.triggers.find((each) => each.key === trigger?.trigger),
    actionOf: (step) => connectorOf(step.connection)?.actions.find((each) => each.key === step.action),
  };
}

/** What a step's action takes; asked anew when its settings change. */
const fieldsQuery = (step: StepDraft, action: ActionView | undefined) => ({
  ...queryOf(connectionsApi.postActionFields, {
    params: { id: step.connection ?? '' },
    body: { action: step.action ?? '', settings: step.settings ?? {} },
  }),
  enabled: Boolean(step.connection && action),
  staleTime: 300_000,
});

export function useActionFields(step: StepDraft, action: ActionView | undefined) {
  return useQuery(fieldsQuery(step, action));
}

/** The fields of all steps, as far as they are known. */
export function useActionFieldsOf(steps: StepDraft[], catalog: Catalog): Map<string, FieldView[]> {
  const queries = useQueries({ queries: steps.map((step) => fieldsQuery(step, catalog.actionOf(step))) });
  return new Map(
    steps.flatMap((step, index) => (queries[index]?.data ? [[step.id, queries[index].data] as const] : [])),
  );
}

/** What each step leaves for later ones: the fields of the record it writes. */
export function useStepRecords(steps: StepDraft[], catalog: Catalog): Map<string, FieldView[]> {
  const queries = useQueries({
    queries: steps.map((step) => {
      const recordType = catalog.actionOf(step)?.recordType ?? '';
      return {
        ...queryOf(connectionsApi.listFields, { params: { id: step.connection ?? '', recordType } }),
        enabled: Boolean(step.connection && recordType && steps.length > 1),
        staleTime: 300_000,
      };
    }),
  });
  return new Map(steps.map((step, index) => [step.id, queries[index]?.data ?? []] as const));
}
