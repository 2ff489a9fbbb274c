import { describe, expect, test } from 'vitest';
import type { Connector } from '../connector.ts';
import type { Values } from '../field.ts';
import type { Cursor, Rec, RecordType } from '../record-type.ts';
import { type Bench, caseOrSkip, createInput, expectKind, type RecordCases } from './bench.ts';
import { checkValues } from './check-value.ts';
import type { StandInServer } from './stand-in.ts';

export interface RecordSuite<S extends StandInServer> {
  connector: Connector;
  key: string;
  cases: RecordCases<S>;
  current: () => Bench<S>;
}

/** All that one record type promises. A method the type does not have needs no case. */
export function describeRecordType<S extends StandInServer>(suite: RecordSuite<S>): void {
  const recordType = suite.connector.records[suite.key];
  describe(suite.key, () => {
    if (!recordType) return void test('is on the shelf', () => expect.fail(`${suite.key} is no record type`));
    describeReading(suite, recordType);
    if (recordType.changes) describeChanges(suite, recordType);
    if (recordType.create) describeWriting(suite, recordType);
  });
}

function describeReading<S extends StandInServer>(suite: RecordSuite<S>, recordType: RecordType<unknown>): void {
  const { cases, current } = suite;
  const attempt = caseOrSkip(cases.skip);
  const settings = cases.settings ?? {};

  attempt('fields', 'describes its fields', async () => {
    const { api, run, recordTypes } = current();
    const fields = await run(() => recordType.describe(api, settings));
    const known = (await recordTypes()).map((type) => type.key);
    expect(fields.length).toBeGreaterThan(0);
    expect(new Set(fields.map((field) => field.key)).size).toBe(fields.length);
    for (const field of fields) {
      if (field.type === 'reference') expect(known, `${field.key} points to`).toContain(field.target);
      expect(field.readOnly && (field.required || field.writeOnly), `${field.key} contradicts itself`).toBeFalsy();
    }
  });

  if (recordType.newest) {
    attempt('samples', 'gives samples in the forms of their fields', async () => {
      const { api, run } = current();
      const fields = await run(() => recordType.describe(api, settings));
      const samples = (await run(async () => recordType.newest?.(api, { limit: 3, settings }))) ?? [];
      expect(samples.length).toBeGreaterThan(0);
      expect(samples.length).toBeLessThanOrEqual(3);
      const loaded = recordType.get
        ? await run(() => Promise.all(samples.map((sample) => recordType.get?.(api, sample.id))))
        : [];
      for (const record of [...samples, ...loaded]) expect(checkValues(fields, record?.values ?? {})).toEqual([]);
    });
  }

  if (recordType.get || recordType.getMany) {
    attempt('unknownIds', 'leaves out ids that are not there', async () => {
      const { api, run } = current();
      const unknown = cases.unknownId ?? '999999999';
      if (recordType.get) expect(await run(async () => recordType.get?.(api, unknown))).toBeNull();
      if (!recordType.getMany) return;
      const known = ((await run(async () => recordType.newest?.(api, { limit: 2, settings }))) ?? []).map(
        ({ id }) => id,
      );
      const found = (await run(async () => recordType.getMany?.(api, [...known, unknown]))) ?? [];
      expect(found.map(({ id }) => id).sort()).toEqual(known.sort());
    });
  }
}

/** Reads all pages that wait; each cursor goes through JSON, as it does in the database. */
async function readPass<S extends StandInServer>(
  bench: Bench<S>,
  recordType: RecordType<unknown>,
  input: { cursor: Cursor; settings: RecordCases<S>['settings'] },
): Promise<{ items: Rec[]; cursor: Cursor }> {
  const items: Rec[] = [];
  let cursor = input.cursor;
  for (let pages = 0; pages < 200; pages++) {
    const page = await bench.run(async () =>
      recordType.changes?.(bench.api, { cursor, settings: input.settings ?? {} }),
    );
    if (!page) break;
    items.push(...page.items);
    cursor = JSON.parse(JSON.stringify(page.next));
    if (!page.more) return { items, cursor };
  }
  return expect.fail('the pages do not end');
}

function describeChanges<S extends StandInServer>(suite: RecordSuite<S>, recordType: RecordType<unknown>): void {
  const { cases, current } = suite;
  const attempt = caseOrSkip(cases.skip);
  const settings = cases.settings ?? {};
  const touch = async () => {
    if (!cases.touch) throw new Error('Give `touch`, or say in `skip` why there is none');
    return cases.touch(current().standIn);
  };
  const fromNow = async (): Promise<Cursor> => {
    const { api, run } = current();
    const first = await run(async () => recordType.changes?.(api, { cursor: null, settings }));
    expect(first?.items, 'from now means nothing old').toEqual([]);
    expect(first?.next).toBeDefined();
    return JSON.parse(JSON.stringify(first?.next));
  };
  const times = (items: Rec[], id: string) => items.filter((item) => item.id === id).length;

  attempt('changes', 'tells a change exactly once over its pages, in the forms of its fields', async () => {
    const start = await fromNow();
    const id = await touch();
    const { items } = await readPass(current(), recordType, { cursor: start, settings });
    expect(times(items, id)).toBe(1);
    if (!recordType.fullPass) expect(items).toHaveLength(1);
    const fields = await current().run(() => recordType.describe(current().api, settings));
    for (const item of items) expect(checkValues(fields, item.values)).toEqual([]);
  });

  if (!recordType.fullPass) {
    attempt('quiet', 'tells it no more in the next pass, and the next change again', async () => {
      const start = await fromNow();
      const first = await touch();
      const { cursor, items } = await readPass(current(), recordType, { cursor: start, settings });
      expect(times(items, first)).toBe(1);
      const quiet = await readPass(current(), recordType, { cursor, settings });
      expect(quiet.items).toEqual([]);
      const second = await touch();
      const next = await readPass(current(), recordType, { cursor: quiet.cursor, settings });
      expect(times(next.items, second)).toBe(1);
    });
  }
}

/** Choices and references are compared by id: the label is the other side's to give. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (value !== null && typeof value === 'object' && 'id' in value) return value.id;
  return value;
}

function describeWriting<S extends StandInServer>(suite: RecordSuite<S>, recordType: RecordType<unknown>): void {
  const { cases, current } = suite;
  const attempt = caseOrSkip(cases.skip);
  const settings = cases.settings ?? {};
  const newInput = (n: number) => {
    if (!cases.create) throw new Error('Give `create`, or say in `skip` why there is none');
    return createInput(cases.create(current().standIn, n), settings);
  };
  const create = (input: ReturnType<typeof newInput>) =>
    current().run(async () => recordType.create?.(current().api, input));
  const count = () => {
    if (!cases.count) throw new Error('Give `count`: the suite must see how many records there are');
    return cases.count(current().standIn);
  };
  const load = async (id: string): Promise<Rec | null> => {
    if (recordType.get) return (await current().run(async () => recordType.get?.(current().api, id))) ?? null;
    const values = cases.read?.(current().standIn, id);
    return values === undefined ? null : { id, values };
  };
  const expectKept = async (id: string, written: Values) => {
    const record = await load(id);
    expect(record, `record ${id}`).not.toBeNull();
    for (const [key, value] of Object.entries(cases.returned?.(written) ?? written)) {
      expect(comparable(record?.values[key]), key).toEqual(comparable(value));
    }
  };

  attempt('write', 'keeps what is created and updated', async () => {
    const before = count();
    const input = newInput(1);
    const written = await create(input);
    expect(count()).toBe(before + 1);
    expect(typeof written?.id).toBe('string');
    const id = written?.id ?? '';
    await expectKept(id, input.values);
    if (!recordType.update) return;
    const values = cases.update?.(current().standIn, 2) ?? expect.fail('Give `update`');
    const record = await load(id);
    await current().run(async () =>
      recordType.update?.(current().api, { id, values, current: recordType.get ? record : null, settings }),
    );
    await expectKept(id, values);
    expect(count()).toBe(before + 1);
  });

  if (recordType.find) {
    attempt('find', 'finds what it created, and nothing by a value that is not there', async () => {
      const { api, run } = current();
      const fields = await run(() => recordType.describe(api, settings));
      const input = newInput(1);
      const written = await create(input);
      const searchable = fields.find((field) => field.search && input.values[field.key] != null);
      const by = cases.findBy?.(input.values) ?? {
        field: searchable?.key ?? expect.fail('no field of the sample can be searched: give `findBy`'),
        value: input.values[searchable?.key ?? ''] ?? null,
      };
      const find = (values: Values[string][]) =>
        run(async () => recordType.find?.(api, { where: [{ field: by.field, values }], limit: 5, settings }));
      const found = (await find([by.value])) ?? [];
      expect(found.map(({ id }) => id)).toContain(written?.id);
      for (const record of found) expect(checkValues(fields, record.values)).toEqual([]);
      if (typeof by.value === 'string') expect(await find([`79990000000@nobody.example`])).toEqual([]);
    });
  }

  const rule = recordType.repeat;
  /** What the server does after a create whose answer got lost. */
  const recoverOrRepeat = async (input: ReturnType<typeof newInput>) => {
    if (rule.kind !== 'recover') return create(input);
    const found = await current().run(() => rule.recover(current().api, input));
    return found === 'notDone' ? create(input) : found;
  };
  if (rule.kind === 'safe') {
    attempt('repeat', 'makes one record of a repeated create', async () => {
      const before = count();
      const input = newInput(1);
      const first = await create(input);
      const second = await create(input);
      expect(second?.id).toBe(first?.id);
      expect(count()).toBe(before + 1);
      const other = await create(newInput(2));
      expect(other?.id).not.toBe(first?.id);
      expect(count()).toBe(before + 2);
    });
  }
  if (rule.kind === 'recover') {
    attempt('repeat', 'finds what a repeated create made, and knows when nothing was made', async () => {
      const before = count();
      const input = newInput(1);
      const never = await current().run(() => rule.recover(current().api, input));
      expect(['notDone', 'unknown']).toContain(never);
      const written = await create(input);
      const found = await recoverOrRepeat(input);
      expect(found).toMatchObject({ id: written?.id });
      expect(count()).toBe(before + 1);
    });
  }
  if (rule.kind !== 'none') {
    attempt('lostAnswer', 'makes one record when the answer of a create gets lost', async () => {
      const before = count();
      const input = newInput(1);
      current().loseAnswer(cases.isCreate ?? ((request) => request.method === 'POST'));
      const error = await expectKind(create(input), 'temporary');
      expect(error.outcome).toBe('unknown');
      expect(count()).toBe(before + 1);
      const again = await recoverOrRepeat(input);
      expect(count()).toBe(before + 1);
      if (again === undefined || typeof again === 'string') return expect.fail(`the record was not found: ${again}`);
      await expectKept(again.id, input.values);
    });
  }
}
