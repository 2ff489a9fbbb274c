import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

const cli = fileURLToPath(new URL('../cli.mjs', import.meta.url));

export interface ServerProcess {
  url: string;
  /** Of the present process; another one after `restart`. */
  readonly pid: number;
  /** Everything it has written so far. */
  output(): string;
  /** `/readyz` answers 200. */
  waitReady(within?: number): Promise<void>;
  /** Sends the signal and waits for the end; gives the exit code, null after a deadly signal. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts it again, with the same environment, when it has ended. */
  restart(env?: Record<string, string>): void;
}

/** Nobody listens there now. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/**
 * A port that is free now, with the ones after it as far as `row` asks. Below the range that connections take their own
 * end from (32768 and up on Linux): one of those may be taken again before we bind it.
 */
export async function freePort(row = 1): Promise<number> {
  for (;;) {
    const first = randomInt(10_000, 32_000);
    const free = await Promise.all(Array.from({ length: row }, (_, place) => isFree(first + place)));
    if (free.every(Boolean)) return first;
  }
}

/** The real process, `node server/cli.mjs <command>`, for tests that kill it. Only `env` and PATH reach it. */
export async function spawnServer(
  env: Record<string, string>,
  options: { command?: string; uid?: number; gid?: number } = {},
): Promise<ServerProcess> {
  const port = env.PORT ?? String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  let output = '';
  let child: ChildProcess;

  function launch(more: Record<string, string> = {}): void {
    child = spawn(process.execPath, [cli, options.command ?? 'start'], {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/', PORT: port, ...env, ...more },
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      uid: options.uid,
      gid: options.gid,
    });
    child.once('error', (error) => (output += error.message));
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  launch();

  return {
    url,
    get pid() {
      return child.pid ?? 0;
    },
    output: () => output,
    async waitReady(within = 60_000) {
      await eventually(
        async () => {
          if (hasEnded()) return true;
          return (await fetch(`${url}/readyz`)).ok;
        },
        { within, every: 50, what: 'the server was not ready' },
      );
      if (hasEnded()) throw new Error(`The server ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
    },
    async kill(signal) {
      if (hasEnded()) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
    restart(more) {
      if (!hasEnded()) throw new Error('The server still runs; kill it first.');
      launch(more);
    },
  };
}
