import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { createPool, patiently } from './pool.ts';

let database: TestDatabase;
let network: Server;
let isDead = false;
const sockets = new Set<Socket>();

/** A way to the database that takes everything and lets nothing through once the host behind it has vanished. */
beforeAll(async () => {
  database = await createTestDatabase();
  // Ours listens on a socket in a folder, another one on a port.
  const { hostname, port, searchParams } = new URL(database.url);
  const at = searchParams.get('port') ?? (port || '5432');
  const folder = searchParams.get('host');
  const place = folder ? { path: `${folder}/.s.PGSQL.${at}` } : { host: hostname, port: Number(at) };
  network = createServer((near) => {
    const far = connect(place);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
    near.on('data', (data) => isDead || far.write(data));
    far.on('data', (data) => isDead || near.write(data));
  });
  await new Promise<void>((resolve) => network.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  network.close();
  await database.drop();
});

function poolOverNetwork() {
  const url = new URL(database.url);
  for (const name of ['host', 'port']) url.searchParams.delete(name);
  url.host = `127.0.0.1:${(network.address() as { port: number }).port}`;
  return createPool({ databaseUrl: url.href, log: createLogger('silent'), max: 1, timeoutMs: 2000 });
}

it('gives a query up when the host of the database vanishes, and goes on when it is back', async () => {
  const pool = poolOverNetwork();
  await pool.query('select 1');
  isDead = true;
  await expect(pool.query('select 1')).rejects.toThrow('timeout');
  isDead = false;
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});

it('waits for a query that may take long', async () => {
  const pool = poolOverNetwork();
  await expect(pool.query('select pg_sleep(4)')).rejects.toThrow('timeout');
  expect((await pool.query(patiently(`select 2 as two, pg_sleep(3)`))).rows).toMatchObject([{ two: 2 }]);
  await pool.end();
});
