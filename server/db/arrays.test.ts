import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { byteaArray, textArray } from './arrays.ts';
import { createPool } from './pool.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  pool = createPool({ databaseUrl: database.url, log: createLogger('silent') });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** What PostgreSQL understood, each element by its place. */
async function understood(type: 'text' | 'bytea', array: Buffer): Promise<unknown[]> {
  const { rows } = await pool.query<{ one: unknown }>(
    `select one from unnest($1::${type}[]) with ordinality as d(one, place) order by place`,
    [array],
  );
  return rows.map(({ one }) => one);
}

test('PostgreSQL reads texts as they were: quotes, backslashes, nulls, any letters', async () => {
  // U+0000 no text column takes, and half a surrogate pair is no text: both are cut before (jsonb.ts).
  const texts = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.oneof(texts, fc.json()))), async (values) => {
      expect(await understood('text', textArray(values))).toEqual(values);
    }),
    { numRuns: 60 },
  );
});

test('PostgreSQL reads bytes as they were', async () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(bytes)), async (values) => {
      expect(await understood('bytea', byteaArray(values))).toEqual(values);
    }),
    { numRuns: 30 },
  );
});
