import { expect, test } from 'vitest';
import { currentCall, type Exchange, recordCall } from '../../kit/call.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { RecordType } from '../../kit/record-type.ts';
import type { OpenConnection } from './open.ts';
import { createLoader } from './references.ts';

const body = 'я'.repeat(40_000);
const exchange: Exchange = {
  at: '2026-01-01T00:00:00.000Z',
  milliseconds: 1,
  method: 'GET',
  url: 'https://crm.example/contacts',
  requestHeaders: {},
  requestBody: null,
  status: 200,
  responseHeaders: {},
  responseBody: body,
  responseBytesCut: 5,
};

/** A connection whose contacts come by the batch, in one long answer. */
const connection = {
  id: 'crm',
  api: null,
  recordType: () =>
    Promise.resolve({
      getMany(_api: unknown, ids: string[]) {
        currentCall()?.exchanges.push(exchange);
        return Promise.resolve(ids.map((id) => ({ id, values: {} })));
      },
    } as unknown as RecordType<unknown>),
} as unknown as OpenConnection;

/** Loads so many records in one moment; gives the exchange that each of the runs keeps. */
async function shown(count: number): Promise<(Exchange | undefined)[]> {
  const loader = createLoader();
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const exchanges: Exchange[] = [];
      const record = await recordCall({ priority: 'run', exchanges }, () =>
        loader.load(connection, 'contact', String(index)),
      );
      expect(record).toEqual({ id: String(index), values: {} });
      expect(exchanges).toHaveLength(1);
      return exchanges[0];
    }),
  );
}

test('a run that fetches alone keeps the whole answer; those who share a fetch share its room', async () => {
  expect(await shown(1)).toEqual([exchange]);
  const shared = await shown(32);
  for (const one of shared) {
    const kept = one?.responseBody ?? '';
    expect(body.startsWith(kept)).toBe(true);
    expect(kept.length).toBeGreaterThanOrEqual(2000);
    expect(Buffer.byteLength(kept) + (one?.responseBytesCut ?? 0)).toBe(Buffer.byteLength(body) + 5);
  }
  expect(shared.reduce((sum, one) => sum + (one?.responseBody?.length ?? 0), 0)).toBeLessThanOrEqual(65_536);
});

const notThere = () =>
  Promise.reject(
    new ConnectorError({ kind: 'rejected', code: 'crm.bad', text: { en: 'Bad record', ru: 'Плохая запись' } }),
  );
const give = (_: unknown, id: string) => (id === '13' ? notThere() : Promise.resolve({ id, values: {} }));

test.each([
  ['alone', { get: give }],
  ['in a batch', { getMany: (_: unknown, ids: string[]) => Promise.all(ids.map((id) => give(_, id))) }],
])('a record that cannot be loaded spoils no neighbour: %s', async (_, type) => {
  const loader = createLoader();
  const crm = { ...connection, recordType: () => Promise.resolve(type) } as unknown as OpenConnection;
  const load = (id: string) =>
    loader.load(crm, 'contact', id).then(
      (record) => record?.id,
      (error) => error.code,
    );
  expect(await Promise.all(['12', '13', '14'].map(load))).toEqual(['12', 'crm.bad', '14']);
});
