import { fork } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import Fastify from 'fastify';
import { Pool } from 'pg';

/**
 * The floor: the least that keeps the first promise. Bare Fastify and pg, one INSERT per webhook with
 * synchronous_commit on; a second process claims by SKIP LOCKED, makes the same two calls with keep-alive undici and
 * writes one JSONB history row per run, batched. No schemas, filters by hand, no retries, no order, no masking.
 */
const pool = new Pool({ connectionString: process.env.FLOOR_DATABASE, max: 20 });
await pool.query(`
  create table if not exists floor_queue (id bigint generated always as identity primary key, body jsonb not null, state text not null default 'queued');
  create index if not exists floor_waiting on floor_queue (id) where state = 'queued';
  create table if not exists floor_history (id bigint primary key, body jsonb not null, finished_at timestamptz not null default now())`);

const worker = fork(fileURLToPath(new URL('floor-worker.ts', import.meta.url)));
const app = Fastify({ bodyLimit: 1024 * 1024 });
app.post('/hook', async (request) => {
  await pool.query({
    name: 'in',
    text: 'insert into floor_queue (body) values ($1)',
    values: [JSON.stringify(request.body)],
  });
  return { received: true };
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ port: (app.server.address() as AddressInfo).port, worker: worker.pid });
process.on('SIGTERM', () => {
  worker.kill('SIGTERM');
  process.exit(0);
});
