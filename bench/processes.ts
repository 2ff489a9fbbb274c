import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Starts a script of this folder and waits for its first message. */
export async function forkScript<T>(
  file: string,
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; said: T }> {
  const child = fork(here(file), { env: { ...process.env, ...env } });
  const said = await new Promise<T>((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return { child, said };
}

/** Hands a task to a started script and waits for its answer. */
export async function ask<T>(child: ChildProcess, task: object): Promise<T> {
  const answer = new Promise<T & { error?: string }>((resolve) => {
    child.once('message', (message) => resolve(message as T & { error?: string }));
  });
  child.send(task);
  const said = await answer;
  if (said.error !== undefined) throw new Error(said.error);
  return said;
}

export interface App {
  url: string;
  databaseUrl: string;
  key: string;
  pid: number;
  /** From the start of the process to its first good /readyz. */
  startSeconds: number;
  stop(): Promise<void>;
}

/** A port nobody listens on: far from the ports that systems give out by themselves. */
let nextPort = 21_000 + Math.floor(Math.random() * 5000);

/** The product as an administrator starts it, in a data folder of its own. */
export async function startApp(dataDir: string): Promise<App> {
  const port = nextPort++;
  const key = randomBytes(24).toString('hex');
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [...(process.env.BENCH_NODE_FLAGS?.split(' ') ?? []), here('../server/cli.mjs'), 'start'],
    {
      env: {
        ...process.env,
        MOSTIK_DATA_DIR: dataDir,
        DATABASE_URL: '',
        PORT: String(port),
        MOSTIK_API_KEY: key,
        MOSTIK_ADMIN_EMAIL: 'bench@example.com',
        MOSTIK_ADMIN_PASSWORD: randomBytes(12).toString('hex'),
        MOSTIK_ALLOW_HOSTS: '127.0.0.1',
        MOSTIK_LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null) throw new Error(`Mostik ended with ${child.exitCode}`);
    await delay(20);
  }
  return {
    url,
    key,
    pid: child.pid ?? 0,
    startSeconds: (performance.now() - started) / 1000,
    databaseUrl: (await readFile(join(dataDir, 'database.url'), 'utf8')).trim(),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A data folder that the unprivileged user of the embedded database can reach. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'mostik-bench-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Megabytes of a process and its children, PostgreSQL apart. */
export function memoryOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const name = readFileSync(`/proc/${pid}/comm`, 'utf8');
  if (name.includes('postgres')) return 0;
  const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  return own + children.reduce((sum, child) => sum + safeMemory(Number(child)), 0);
}

function safeMemory(pid: number): number {
  try {
    return memoryOf(pid);
  } catch {
    return 0;
  }
}

/** Watches the memory of a process until stopped; gives the highest seen. */
export function watchMemory(pid: number): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, safeMemory(pid));
  }, 100);
  return () => {
    clearInterval(timer);
    return Math.round(peak);
  };
}

export function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 10) / 10;
}
