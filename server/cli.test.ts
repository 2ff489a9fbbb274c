import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { accountsApi } from './accounts/contract.ts';
import {
  administrator,
  callerOf,
  createTestDatabase,
  eventually,
  freePort,
  type ServerProcess,
  spawnServer,
  type TestDatabase,
} from './testing/index.ts';

// Each test starts real processes one after the other, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const secretKey = Buffer.alloc(32, 7).toString('hex');
const cli = fileURLToPath(new URL('./cli.mjs', import.meta.url));

let database: TestDatabase;
let env: Record<string, string>;
const started: ServerProcess[] = [];
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  env = {
    DATABASE_URL: database.url,
    MOSTIK_SECRET_KEY: secretKey,
    MOSTIK_DATA_DIR: '/nowhere/mostik-test',
    MOSTIK_ADMIN_EMAIL: administrator.email,
    MOSTIK_ADMIN_PASSWORD: administrator.password,
  };
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill('SIGKILL')));
  await database.drop();
});

async function spawned(command: string, more: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await spawnServer({ ...env, ...more }, { command });
  started.push(server);
  return server;
}

const mostik = (args: string[], more: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      [cli, ...args],
      { env: { PATH: '/usr/bin:/bin', MOSTIK_SECRET_KEY: secretKey, ...more } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });

test('two processes that start at once on an empty database both get ready, and stop when told', async () => {
  const both = [await spawned('start'), await spawned('start')];
  await Promise.all(both.map((server) => server.waitReady()));
  for (const server of both) {
    const lines = server
      .output()
      .split('\n')
      .filter((line) => line.includes('is ready'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(server.url);
    expect(server.output()).not.toContain(administrator.password);
    expect(await server.kill('SIGTERM')).toBe(0);
  }
});

test('serve is not ready until a work process lives', async () => {
  const serve = await spawned('serve');
  const readyz = async () => (await (await fetch(`${serve.url}/readyz`)).json()) as { checks: { workers: string } };
  const asksForWorker = async () => (await readyz()).checks.workers.includes('mostik work');
  await eventually(asksForWorker, { within: 60_000 });
  const work = await spawned('work');
  await serve.waitReady();
  expect(await work.kill('SIGTERM')).toBe(0);
  // It said good-bye, so nobody waits for its silence.
  expect(await asksForWorker()).toBe(true);
});

test('commands work beside a living server: a new password, a key', async () => {
  const server = await spawned('start');
  await server.waitReady();
  const reset = await mostik(['reset-password', administrator.email], env);
  const password = /: (\S+)\n$/.exec(reset.out)?.[1] ?? '';
  const signIn = (word: string) =>
    callerOf(server.url, {})(accountsApi.postSession, { body: { email: administrator.email, password: word } });
  await expect(signIn(administrator.password)).rejects.toMatchObject({ status: 401 });
  expect(await signIn(password)).toMatchObject({ email: administrator.email });

  const { out } = await mostik(['api-key', 'reports'], env);
  const key = /: (\S+)\n$/.exec(out)?.[1] ?? '';
  const keys = await callerOf(server.url, { authorization: `Bearer ${key}` })(accountsApi.listApiKeys);
  expect(keys.map(({ name }) => name)).toEqual(['reports']);
});

test.each([
  [['start'], { PORT: 'x' }, 'PORT must be a whole number'],
  [['dance'], {}, 'There is no command "dance"'],
  [['reset-password'], {}, 'Usage: mostik reset-password EMAIL'],
  [['serve'], { MOSTIK_DATA_DIR: '/nowhere/at/all' }, 'No database runs in /nowhere/at/all'],
  [['migrate'], { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' }, 'Check DATABASE_URL'],
])('mostik %s with %o says what is wrong, without a stack', async (args, more, words) => {
  const { code, err } = await mostik(args, more);
  expect(code).toBe(1);
  expect(err).toContain(words);
  expect(err).not.toContain('    at ');
});

test('a port that is taken is named', async () => {
  const PORT = String(await freePort());
  const first = await spawned('start', { PORT });
  await first.waitReady();
  const { code, err } = await mostik(['start'], { ...env, PORT });
  expect([code, err]).toEqual([1, expect.stringContaining(`Port ${PORT} is taken`)]);
});

test('help lists the commands, and the version is the package’s', async () => {
  const { out } = await mostik(['help']);
  for (const command of ['start', 'serve', 'work', 'migrate', 'apply', 'demo', 'reset-password', 'api-key'])
    expect(out).toContain(command);
  expect((await mostik(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
