import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { underLock } from '../db/migrate.ts';
import { patiently } from '../db/pool.ts';
import type { Jobs } from './jobs.ts';

const schema = 'pgboss';

/** Cron jobs that are late join the one that waits; a job sent is a job done. A failure is tried twice more, then it waits in the table. */
const kept = { retryLimit: 2, retryDelay: 30, retryBackoff: true, expireInSeconds: 900, deleteAfterSeconds: 86_400 };

const overPool = (pool: Pool, { patient = false } = {}) => ({
  executeSql: async (text: string, values?: unknown[]) =>
    await pool.query(patient ? patiently(text, values) : { text, values }),
});

/** Makes or updates pg-boss's own tables. */
export async function migrateJobs(pool: Pool): Promise<void> {
  const boss = new PgBoss({ db: overPool(pool, { patient: true }), schema, schedule: false, supervise: false });
  boss.on('error', () => {});
  // Two that make the schema at the same moment fail at each other.
  await underLock(pool, () => boss.start());
  await boss.stop({ graceful: false });
}

/** Background work over pg-boss, on the connections we have. */
export function createJobs(pool: Pool, log: Logger): Jobs {
  const handlers = new Map<string, (data: unknown) => Promise<void>>();
  const crons = new Map<string, string>();
  let boss: PgBoss | undefined;

  async function makeQueues(started: PgBoss): Promise<void> {
    for (const queue of new Set([...handlers.keys(), ...crons.keys()])) {
      await started.createQueue(queue, { ...kept, policy: crons.has(queue) ? 'stately' : 'standard' });
    }
  }

  const carryOut =
    (queue: string, handler: (data: unknown) => Promise<void>) => async (jobs: { id: string; data: unknown }[]) => {
      for (const job of jobs) {
        try {
          await handler(job.data);
        } catch (error) {
          log.error({ err: error, queue, job: job.id }, 'a background job failed');
          throw error;
        }
      }
    };

  return {
    work(queue, handler) {
      if (boss) throw new Error(`Register the work of ${queue} before the jobs start.`);
      if (handlers.has(queue)) throw new Error(`Two handlers for the jobs of ${queue}.`);
      handlers.set(queue, handler);
    },
    schedule(queue, cron) {
      crons.set(queue, cron);
    },
    async send(queue, data) {
      if (!boss) throw new Error(`The job ${queue} cannot be sent before the jobs have started.`);
      await boss.send(queue, data);
    },
    async start({ works }) {
      const started = new PgBoss({ db: overPool(pool), schema, schedule: works, supervise: works });
      started.on('error', (error) => log.error({ err: error }, 'background jobs have trouble'));
      started.on('warning', (warning) => log.warn({ warning }, 'background jobs have a warning'));
      await started.start();
      await makeQueues(started);
      boss = started;
      if (!works) return;
      for (const [queue, handler] of handlers) await started.work(queue, { batchSize: 1 }, carryOut(queue, handler));
      for (const [queue, cron] of crons) await started.schedule(queue, cron);
    },
    async stop() {
      await boss?.stop({ graceful: true, timeout: 10_000 });
      boss = undefined;
    },
  };
}
