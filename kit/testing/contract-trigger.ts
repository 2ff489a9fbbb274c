import { describe, expect, test } from 'vitest';
import type { Connector } from '../connector.ts';
import type { Cursor } from '../record-type.ts';
import type { TriggerItem } from '../trigger.ts';
import type { Bench, TriggerCases } from './bench.ts';
import { checkValues } from './check-value.ts';
import type { StandInServer } from './stand-in.ts';

/** A polled trigger of the connector's own: each happening once, under a key that stays the same. */
export function describeTrigger<S extends StandInServer>(suite: {
  connector: Connector;
  key: string;
  cases: TriggerCases<S>;
  current: () => Bench<S>;
}): void {
  const { cases, current } = suite;
  const trigger = suite.connector.triggers[suite.key];
  const settings = cases.settings ?? {};

  const readPass = async (start: Cursor): Promise<{ items: TriggerItem[]; cursor: Cursor }> => {
    const items: TriggerItem[] = [];
    let cursor = start;
    for (let pages = 0; pages < 200; pages++) {
      const page = await current().run(async () => trigger?.poll?.(current().api, { cursor, settings }));
      if (!page) break;
      items.push(...page.items);
      cursor = JSON.parse(JSON.stringify(page.next));
      if (!page.more) return { items, cursor };
    }
    return expect.fail('the pages do not end');
  };
  const keys = (items: TriggerItem[]) => [...new Set(items.map((item) => item.key))].sort();

  describe(suite.key, () => {
    test('tells a happening under one key, from now on', async () => {
      const first = await current().run(async () => trigger?.poll?.(current().api, { cursor: null, settings }));
      expect(first?.items, 'from now means nothing old').toEqual([]);
      const start: Cursor = JSON.parse(JSON.stringify(first?.next));
      // Vendors tell times in whole seconds: what another case did in this very second may still be shown.
      const sameSecond = new Set(keys((await readPass(start)).items));
      const expected = (await cases.happen(current().standIn)) ?? 1;
      const one = await readPass(start);
      const fresh = one.items.filter(({ key }) => !sameSecond.has(key));
      expect(keys(fresh)).toHaveLength(expected);
      expect(fresh, 'each key once in a pass').toHaveLength(expected);
      // After a crash the same cursor is read again: the keys are what keeps it from counting twice.
      expect(keys((await readPass(start)).items)).toEqual(keys(one.items));
      const known = new Set(keys(one.items));
      const later = await readPass(one.cursor);
      expect(keys(later.items).filter((key) => !known.has(key))).toEqual([]);
      const fields = (await current().run(async () => trigger?.describe?.(current().api, settings))) ?? [];
      for (const item of one.items) expect(checkValues(fields, item.details ?? {})).toEqual([]);
    });
  });
}
