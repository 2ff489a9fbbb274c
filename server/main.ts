import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { shelf } from '../connectors/index.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import { migrate } from './db/migrate.ts';
import { openDatabase } from './db/open.ts';
import { createDb, createPool } from './db/pool.ts';
import { registerConnectionJobs } from './connections/index.ts';
import { registerFlowJobs, startWorker } from './flows/index.ts';
import { registerAlertJobs } from './notices/index.ts';
import { serveHealth } from './health.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createApp } from './http/app.ts';
import { createLive } from './http/live.ts';
import { createJobs, migrateJobs } from './jobs/boss.ts';
import { serveMetrics } from './metrics.ts';
import { createLimiter } from './limiter.ts';
import { createSealer, loadKey } from './sealer.ts';

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
  const ctx: Context = {
    config,
    log,
    pool,
    db: createDb(pool),
    sealer: createSealer(await loadKey(config)),
    shelf,
    limiter: createLimiter(pool),
    jobs: createJobs(pool, log),
    live,
  };
  const close = async () => {
    await live.close();
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
    const app = roles.serves ? await createApp(ctx) : null;
    if (app) stops.push(() => app.close());
    if (app) {
      await serveHealth(app, ctx);
      serveMetrics(app, ctx);
    }
    await ctx.jobs.start({ works: roles.works && options.jobs !== false });
    stops.push(() => ctx.jobs.stop());
    const worker = roles.works ? startWorker(ctx) : null;
    if (worker) stops.push(() => worker.stop());
    const heartbeat = await startHeartbeat(ctx, roles);
    stops.push(() => heartbeat.stop());
    await app?.listen({ host: ctx.config.host, port: ctx.config.port });
    const url = app ? addressOf(app.server.address() as AddressInfo) : null;
    return { ctx, url, drain: async () => await worker?.drain(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf({ address, family, port }: AddressInfo): string {
  const everywhere = address === '0.0.0.0' || address === '::';
  return `http://${everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** The whole start: database, migrations, context, roles. */
export async function start(options: { config: Config; roles: Roles; log: Logger; owns: boolean }): Promise<Running> {
  const { config, roles, log, owns } = options;
  const database = await openDatabase({ config, log, as: owns ? 'owner' : 'guest' });
  try {
    const { ctx, close } = await openContext({ config, databaseUrl: database.url, log });
    try {
      await migrateAll(ctx);
      const running = await startRoles(ctx, roles);
      return {
        ...running,
        async stop() {
          await running.stop();
          await close();
          await database.close();
        },
      };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    await database.close();
    throw error;
  }
}
