import { administrator, eventually, type ServerProcess, spawnServer, type TestDatabase } from '../../testing/index.ts';
import type { Office } from './office.ts';

export interface Workers {
  processes: ServerProcess[];
  stop(): Promise<void>;
}

/** Real `work` processes beside an office that only answers HTTP. */
export async function startWorkers(office: Office, input: { database: TestDatabase; count: number }): Promise<Workers> {
  const env = {
    DATABASE_URL: input.database.url,
    MOSTIK_SECRET_KEY: Buffer.alloc(32, 7).toString('hex'),
    MOSTIK_DATA_DIR: '/nowhere/mostik-test',
    MOSTIK_ALLOW_HOSTS: '127.0.0.1',
    MOSTIK_ADMIN_EMAIL: administrator.email,
    MOSTIK_ADMIN_PASSWORD: administrator.password,
    MOSTIK_API_KEY: office.server.apiKey,
  };
  const processes = await Promise.all(Array.from({ length: input.count }, () => spawnServer(env, { command: 'work' })));
  const pids = processes.map(({ pid }) => pid);
  await eventually(
    async () => {
      const ended = processes.find(({ pid }) => !isAlive(pid));
      if (ended) throw new Error(`A worker ended. It said:\n${ended.output().slice(-3000)}`);
      const { rowCount } = await office.server.ctx.pool.query('select 1 from processes where pid = any($1::int[])', [
        pids,
      ]);
      return rowCount === pids.length;
    },
    { within: 120_000, what: 'the workers did not begin' },
  );
  return {
    processes,
    stop: async () => void (await Promise.all(processes.map((one) => one.kill('SIGKILL')))),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** No run waits, is worked on, or can be. */
export const allDone = (office: Office, within = 60_000): Promise<true> =>
  eventually(
    async () => {
      const { rows } = await office.server.ctx.pool.query<{ open: string }>(
        `select count(*) as open from runs where state in ('queued', 'working', 'calling', 'waiting')`,
      );
      return rows[0]?.open === '0' ? (true as const) : null;
    },
    { within, what: 'runs were not carried out' },
  );
