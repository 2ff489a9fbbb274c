import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { shelf } from '../connectors/index.ts';
import { type Config, ownAddress } from './config.ts';
import { registerConnectionJobs } from './connections/index.ts';
import type { Context } from './context.ts';
import { migrate } from './db/migrate.ts';
import { type OpenDatabase, openDatabase } from './db/open.ts';
import { createDb, createPool } from './db/pool.ts';
import { registerFlowJobs, startWorker } from './flows/index.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createLive } from './http/live.ts';
import { createJobs, migrateJobs } from './jobs/boss.ts';
import { createLimiter } from './limiter.ts';
import { registerAlertJobs } from './notices/index.ts';
import { createSealer, loadKey } from './sealer.ts';
import { openWorkThread } from './work-thread.ts';

export interface Roles {
  /** Answers HTTP. */
  serves: boolean;
  /** Works on runs and jobs. */
  works: boolean;
}

export interface Running {
  ctx: Context;
  /** Where we listen; null when we only work. */
  url: string | null;
  /** Carries out what can be carried out now, until nothing is left. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds the context once: database connections and everything that stands on them. */
export async function openContext(options: {
  config: Config;
  databaseUrl: string;
  log: Logger;
}): Promise<{ ctx: Context; close(): Promise<void> }> {
  const { config, databaseUrl, log } = options;
  const pool = createPool({ databaseUrl, log });
  const live = createLive(pool, log);
  const limiter = createLimiter(pool);
  const ctx: Context = {
    config,
    log,
    pool,
    db: createDb(pool),
    sealer: createSealer(await loadKey(config)),
    shelf,
    limiter,
    jobs: createJobs(pool, log),
    live,
  };
  const close = async () => {
    await live.close();
    await limiter.close();
    await pool.end();
  };
  return { ctx, close };
}

/** Brings the database to this version of the program. */
export async function migrateAll(ctx: Context): Promise<void> {
  const done = await migrate(ctx.pool);
  await migrateJobs(ctx.pool);
  if (done.length > 0) ctx.log.info({ migrations: done }, 'the database was brought to this version');
}

/** Starts the roles over an open context. `jobs: false` leaves background jobs unworked, for tests. */
export async function startRoles(ctx: Context, roles: Roles, options: { jobs?: boolean } = {}): Promise<Running> {
  const stops: (() => Promise<unknown>)[] = [];
  // What works and answers stops together; the heartbeat, which was started last, after it.
  const stop = async () => {
    const [heartbeat, ...others] = stops.splice(0).reverse();
    await Promise.all(others.map((one) => one()));
    await heartbeat?.();
  };
  try {
    registerConnectionJobs(ctx);
    registerFlowJobs(ctx);
    registerAlertJobs(ctx);
    const app = roles.serves ? await openApp(ctx) : null;
    if (app) stops.push(() => app.close());
    await ctx.jobs.start({ works: roles.works && options.jobs !== false });
    stops.push(() => ctx.jobs.stop());
    const worker = roles.works ? startWorker(ctx) : null;
    if (worker) stops.push(() => worker.stop());
    const heartbeat = await startHeartbeat(ctx, roles);
    stops.push(() => heartbeat.stop());
    await app?.listen({ host: ctx.config.host, port: ctx.config.port });
    const { address: host, port } = (app?.server.address() ?? {}) as AddressInfo;
    const url = app ? ownAddress({ host, port }) : null;
    return { ctx, url, drain: async () => await worker?.drain(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Loaded only where it is needed: pages and sign-in are 50 MB that a worker does without. */
async function openApp(ctx: Context): Promise<FastifyInstance> {
  const [{ createApp }, { serveHealth }, { serveMetrics }] = await Promise.all([
    import('./http/app.ts'),
    import('./health.ts'),
    import('./metrics.ts'),
  ]);
  const app = await createApp(ctx);
  await serveHealth(app, ctx);
  serveMetrics(app, ctx);
  return app;
}

/** The whole start: database, migrations, context, roles. Who does both works in a thread of its own. */
export async function start(options: { config: Config; roles: Roles; log: Logger; owns: boolean }): Promise<Running> {
  const { config, roles, log, owns } = options;
  // It reads the program while the database starts.
  const thread = roles.serves && roles.works ? openWorkThread(config, log) : null;
  let database: OpenDatabase | null = null;
  let context: Awaited<ReturnType<typeof openContext>> | null = null;
  let running: Running | null = null;
  const stop = async () => {
    await Promise.all([running?.stop(), thread?.stop()]);
    await context?.close();
    await database?.close();
  };
  try {
    database = await openDatabase({ config, log, as: owns ? 'owner' : 'guest' });
    context = await openContext({ config, databaseUrl: database.url, log });
    await migrateAll(context.ctx);
    await thread?.begin(database.url);
    running = await startRoles(context.ctx, thread ? { serves: true, works: false } : roles);
    return { ...running, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
