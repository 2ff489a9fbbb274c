import { existsSync } from 'node:fs';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Connector } from '../kit/connector.ts';
import type { Limiter } from '../kit/limiter.ts';
import type { Context } from './context.ts';
import type { Live } from './http/live.ts';

/** Temporary: parts that are not there yet are left out. Replaced by plain imports in main.ts when all are. */
async function part<T>(path: string, otherwise: T): Promise<T> {
  const url = new URL(path, import.meta.url);
  return existsSync(url) ? ((await import(url.href)) as T) : otherwise;
}

const noLimiter: Limiter = { acquire: async () => () => {}, pause: async () => {} };

export async function loadParts() {
  const limiter = await part<{ createLimiter(pool: Pool): Limiter }>('./limiter.ts', {
    createLimiter: () => noLimiter,
  });
  const worker = await part<{ startWorker(ctx: Context): { stop(): Promise<void>; drain(): Promise<void> } }>(
    './flows/worker.ts',
    {
      startWorker: () => ({ stop: async () => {}, drain: async () => {} }),
    },
  );
  const flowJobs = await part<{ registerFlowJobs(ctx: Context): void }>('./flows/jobs.ts', {
    registerFlowJobs: () => {},
  });
  const { shelf } = await part<{ shelf: Record<string, Connector> }>('../connectors/index.ts', { shelf: {} });
  const app = existsSync(new URL('./accounts/index.ts', import.meta.url))
    ? await part<{ createApp(ctx: Context): Promise<FastifyInstance> }>('./http/app.ts', {
        createApp: async () => Fastify(),
      })
    : { createApp: async () => Fastify() };
  const live = await part<{ createLive(pool: Pool, log: Logger): Live & { close(): Promise<void> } }>(
    './http/live.ts',
    {
      createLive: () => ({ tell: () => {}, subscribe: () => () => {}, close: async () => {} }),
    },
  );
  return { ...limiter, ...worker, ...flowJobs, shelf, ...app, ...live };
}
