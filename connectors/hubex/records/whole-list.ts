import type { Field, Values } from '../../../kit/field.ts';
import type { Condition, Rec, RecordType } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import type { ListPage, Window } from '../caller.ts';
import type { Row } from '../wire.ts';
import { idOf } from './choices.ts';
import { matches } from './matches.ts';

/** Companies and contacts: HubEx has no changed-since for them, so they are read whole, and searches loose text in them. */
interface WholeList {
  fields: Field[];
  list(api: HubexApi, query: Record<string, string>, window: Window): Promise<ListPage>;
  toRec(id: string, row: unknown): Rec | null;
  /** The card: it shows more than the list. */
  load(api: HubexApi, id: string): Promise<Rec | null>;
  /** What a new record is known by again; one beside the name must be told, for a name alone says too little. */
  keys: { name: string; others: string[] };
}

const pageSize = 500;

export function wholeList(type: WholeList) {
  const toRecs = (rows: Row[]): Rec[] => rows.flatMap(({ id, row }) => type.toRec(id, row) ?? []);

  async function all(api: HubexApi): Promise<Rec[]> {
    const records: Rec[] = [];
    for (let from = 1; ; ) {
      const page = await type.list(api, {}, { from, till: from + pageSize - 1 });
      records.push(...toRecs(page.rows));
      if (page.rows.length === 0 || page.till >= page.total) return records;
      from = page.till + 1;
    }
  }

  const changes: NonNullable<RecordType<HubexApi>['changes']> = async (api, { cursor, since }) => ({
    items: cursor === null && since === undefined ? [] : await all(api),
    removed: [],
    next: { pass: api.now().toISOString() },
    more: false,
  });

  /** HubEx searches by substring; hits are compared again. */
  async function search(api: HubexApi, where: Condition[]): Promise<Rec[]> {
    const condition = where.find(({ field }) => type.fields.some(({ key, search: kind }) => key === field && kind));
    const found = new Map<string, Rec>();
    for (const value of condition?.values ?? []) {
      const page = await type.list(api, { searchText: idOf(value) ?? '' }, { from: 1, till: 100 });
      for (const record of toRecs(page.rows)) if (matches(record, where, type.fields)) found.set(record.id, record);
    }
    return newestFirst([...found.values()]);
  }

  /**
   * No source says what `searchText` looks through, so the whole list is compared: what it shows must not contradict,
   * and the cards of those few decide.
   */
  async function recover(api: HubexApi, values: Values) {
    const told = [type.keys.name, ...type.keys.others].filter((key) => values[key]);
    if (!told.some((key) => key !== type.keys.name)) return 'unknown';
    const where: Condition[] = told.map((field) => ({ field, values: [values[field] ?? null] }));
    const possible = (await all(api)).filter((record) =>
      matches(
        record,
        where.filter(({ field }) => record.values[field] !== undefined),
        type.fields,
      ),
    );
    const cards = await Promise.all(possible.map(({ id }) => type.load(api, id)));
    const found = cards.filter((card) => card !== null && matches(card, where, type.fields));
    const [only, ...others] = found;
    if (!only) return 'notDone';
    return others.length > 0 ? 'unknown' : { id: only.id, ...(only.label ? { label: only.label } : {}) };
  }

  return {
    changes,
    newest: async (api: HubexApi, { limit }: { limit: number }) => newestFirst(await all(api)).slice(0, limit),
    search,
    recover,
  };
}

const newestFirst = (records: Rec[]): Rec[] => records.sort((one, other) => Number(other.id) - Number(one.id));
