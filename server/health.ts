import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { isMigrated, readMigrations } from './db/migrate.ts';

/** Six beats missed. */
const workerSilence = '30 seconds';
const patienceMilliseconds = 3000;

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), patienceMilliseconds);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** null: in order. Else what is wrong. */
async function findTrouble(check: () => Promise<string | null>): Promise<string | null> {
  try {
    return await within(check());
  } catch (error) {
    return `cannot be checked: ${(error as Error).message || 'the database does not answer'}`;
  }
}

/** `GET /healthz`: the process lives. `GET /readyz`: it can do its work, or what keeps it from that. */
export async function serveHealth(app: FastifyInstance, ctx: Context): Promise<void> {
  const migrations = await readMigrations();
  const checks = {
    database: async () => {
      await ctx.pool.query('select 1');
      return null;
    },
    migrations: async () =>
      (await isMigrated(ctx.pool, migrations)) ? null : 'the database is of another version; run: mostik migrate',
    workers: async () => {
      const { rowCount } = await ctx.pool.query(
        `select 1 from processes where works and beat_at > now() - $1::interval limit 1`,
        [workerSilence],
      );
      return rowCount ? null : 'no process works on runs; start: mostik work';
    },
  };

  app.get('/healthz', { logLevel: 'silent' }, async () => ({ status: 'ok', version: ctx.config.version }));
  app.get('/readyz', { logLevel: 'silent' }, async (_request, reply) => {
    const answers = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await findTrouble(check)] as const),
    );
    const notReady = answers.filter(([, trouble]) => trouble !== null);
    return reply.code(notReady.length === 0 ? 200 : 503).send({
      status: notReady.length === 0 ? 'ready' : 'not ready',
      checks: Object.fromEntries(answers.map(([name, trouble]) => [name, trouble ?? 'ok'])),
    });
  });
}
