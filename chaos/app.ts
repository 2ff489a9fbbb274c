import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../server/cli.mjs', import.meta.url));

/** What all processes of one installation share. */
export interface Installation {
  dataDir: string;
  port: number;
  url: string;
  key: string;
  /** Absent: the app brings its own PostgreSQL. */
  databaseUrl?: string;
  /** Beside the settings, as for libfaketime. */
  env: Record<string, string>;
}

export interface Process {
  pid: number;
  /** Ends or stops it; resolves at once. */
  signal(name: NodeJS.Signals): void;
  /** Kills it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
}

/** Far from the ports that systems give out by themselves, so that a restart finds it free again. */
let nextPort = 15_000 + Math.floor(Math.random() * 5000);

export function installationIn(dataDir: string, more: Partial<Installation> = {}): Installation {
  const port = nextPort++;
  return { dataDir, port, url: `http://127.0.0.1:${port}`, key: randomBytes(24).toString('hex'), env: {}, ...more };
}

/** Starts one process of the product as an administrator does. Its messages go to `app.log` in the data folder. */
export function startProcess(installation: Installation, command: 'start' | 'serve' | 'work'): Process {
  const { dataDir, port, key, databaseUrl = '', env } = installation;
  const log = openSync(join(dataDir, 'app.log'), 'a');
  const child = spawn(process.execPath, [cli, command], {
    env: {
      ...process.env,
      MOSTIK_DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      MOSTIK_API_KEY: key,
      MOSTIK_ADMIN_EMAIL: 'chaos@example.com',
      MOSTIK_ADMIN_PASSWORD: key.slice(0, 16),
      MOSTIK_ALLOW_HOSTS: '127.0.0.1',
      MOSTIK_LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (name: NodeJS.Signals) => {
    if (hasEnded(child)) return;
    child.kill(name);
    // A stopped process hears of nothing but SIGKILL until it goes on.
    child.kill('SIGCONT');
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    kill: () => end('SIGKILL'),
    async stop() {
      const tooLong = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await end('SIGTERM');
      clearTimeout(tooLong);
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

export interface Readiness {
  ok: boolean;
  checks: Record<string, string>;
}

/** What `/readyz` says; not ok when nothing answers. */
export async function readiness({ url }: Installation): Promise<Readiness> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) });
    const { checks } = (await answer.json()) as { checks: Record<string, string> };
    return { ok: answer.ok, checks };
  } catch {
    return { ok: false, checks: {} };
  }
}

/** Waits until the app says that it can do its work. */
export async function untilReady(installation: Installation, seconds = 60): Promise<void> {
  const until = performance.now() + seconds * 1000;
  while (!(await readiness(installation)).ok) {
    if (performance.now() > until) throw new Error(`Mostik was not ready within ${seconds} s.`);
    await delay(50);
  }
}
