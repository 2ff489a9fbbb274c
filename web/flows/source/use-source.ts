import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { connectionsApi, type FieldView } from '../../../server/connections/contract.ts';
import type { FlowDraft } from '../../../server/flows/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';
import { queryOf } from '../../api.ts';
import { referencesOf, triggerPaths } from '../editor/draft.ts';
import { type Walked, walkFields } from './paths.ts';
import { isTree, valueAt } from './values.ts';

export interface Sample {
  id: string;
  label: string;
  url: string | null;
  at: string | null;
  values: Record<string, JsonValue>;
}

/** What the trigger gives: its fields, recent records, and the fields behind its references as far as anybody looked. */
export interface Source {
  connection: string | undefined;
  fields: FieldView[];
  fieldsPending: boolean;
  samples: Sample[];
  samplesPending: boolean;
  error: Error | null;
  sample: Sample | undefined;
  choose(id: string): void;
  refresh(): void;
  /** The fields of a path below the trigger's record; undefined while they load or when the path leads nowhere. */
  childrenOf(path: string[]): FieldView[] | undefined;
  /** The fields on a path. */
  resolve(path: string[]): Walked;
  /** Somebody looks behind this reference: load its fields and its sample's values. */
  look(path: string[]): void;
}

const sampleCount = 20;

export function useSource(draft: FlowDraft): Source {
  const trigger = draft.trigger;
  const known = Boolean(trigger?.connection && trigger.trigger);
  const input = { trigger: trigger?.trigger ?? '', settings: trigger?.settings ?? {} };
  const params = { id: trigger?.connection ?? '' };
  const [looked, setLooked] = useState<string[]>([]);
  const [chosen, setChosen] = useState<string>();

  const fieldsQuery = useQuery({
    ...queryOf(connectionsApi.postTriggerFields, { params, body: input }),
    enabled: known,
    staleTime: 300_000,
  });
  const fields = fieldsQuery.data ?? none;
  const paths = useMemo(
    () => [...triggerPaths(draft), ...looked.map((path) => [...path.split('.'), ''])],
    [draft, looked],
  );
  const types = useRecordTypes({ connection: known ? params.id : undefined, fields, paths });
  const references = useMemo(() => referencesOf(paths, fields), [paths, fields]);
  const samplesQuery = useQuery({
    ...queryOf(connectionsApi.postSamples, { params, body: { ...input, limit: sampleCount, references } }),
    enabled: known && fieldsQuery.isSuccess,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const samples = known ? (samplesQuery.data ?? none) : none;
  const sample = samples.find((each) => each.id === chosen) ?? samples[0];

  const childrenOf = (path: string[]): FieldView[] | undefined => {
    if (path.length === 0) return fields;
    const field = resolve(path).chain.at(-1);
    if (field?.target) return types.get(field.target);
    return fieldsInJson(valueAt(sample?.values, path));
  };
  const resolve = (path: string[]): Walked => walkFields(path, childrenOf);
  const look = useCallback((path: string[]) => {
    const key = path.join('.');
    setLooked((before) => (before.includes(key) ? before : [...before, key]));
  }, []);

  return {
    connection: trigger?.connection,
    fields,
    fieldsPending: known && fieldsQuery.isPending,
    samples,
    samplesPending: known && samplesQuery.isPending,
    error: fieldsQuery.error ?? samplesQuery.error,
    sample,
    choose: setChosen,
    refresh: () => void Promise.all([fieldsQuery.refetch(), samplesQuery.refetch()]),
    childrenOf,
    resolve,
    look,
  };
}

const none: never[] = [];

/** The fields of every record type that these paths run through; deeper ones follow as the nearer ones arrive. */
function useRecordTypes(input: { connection: string | undefined; fields: FieldView[]; paths: string[][] }) {
  const { connection, fields, paths } = input;
  const [known, setKnown] = useState<ReadonlyMap<string, FieldView[]>>(new Map());
  const targets = useMemo(() => {
    const found = new Set<string>();
    for (const path of paths) {
      let level: FieldView[] | undefined = fields;
      for (const key of path.slice(0, -1)) {
        const target: string | undefined = level?.find((field) => field.key === key)?.target;
        if (!target) break;
        found.add(target);
        level = known.get(target);
      }
    }
    return [...found].sort();
  }, [fields, paths, known]);
  const queries = useQueries({
    queries: targets.map((recordType) => ({
      ...queryOf(connectionsApi.listFields, { params: { id: connection ?? '', recordType } }),
      enabled: Boolean(connection),
      staleTime: 300_000,
    })),
  });
  const loaded = new Map(
    targets.flatMap((target, i) => (queries[i]?.data ? [[target, queries[i].data] as const] : [])),
  );
  // Fields just learnt may open the way to deeper ones.
  if ([...loaded].some(([target, list]) => known.get(target) !== list)) setKnown(new Map([...known, ...loaded]));
  return loaded;
}

/** A JSON value has no described fields: its sample says what is in it. */
function fieldsInJson(value: JsonValue | undefined): FieldView[] | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  if (!isTree(first)) return undefined;
  return Object.entries(first).map(([key, inside]) => ({
    key,
    label: key,
    type:
      typeof inside === 'number'
        ? 'number'
        : typeof inside === 'boolean'
          ? 'boolean'
          : isTree(inside) || Array.isArray(inside)
            ? 'json'
            : 'text',
  }));
}
