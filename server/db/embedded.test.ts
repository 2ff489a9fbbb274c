import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventually, type ServerProcess, spawnServer } from '../testing/index.ts';
import { bySocket, readAddress } from './embedded-address.ts';
import { packageFolder, prepareBinaries } from './embedded-binaries.ts';

// Each test starts real processes one after the other, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const patient = { within: 60_000 };
const isRoot = process.getuid?.() === 0;
const nobody = { name: 'nobody', uid: 65534, gid: 65534 };

/** A folder as a closed home: nobody but its owner can enter. */
async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'mostik-home-'));
  await chmod(home, 0o700);
  return home;
}

async function query(dataDir: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: (await readAddress(dataDir)) ?? '' });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const postmasterOf = async (dataDir: string): Promise<number> =>
  Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

const hasProc = process.platform === 'linux';
const withoutProc = hasProc ? '' : ' (left out: only Linux tells of processes in /proc)';

/** The watcher is a line of shell. */
const shell = /^(sh|dash|bash|ash|busybox)$/;

/** Processes that work in the cluster's folder and are of a program with such a name. */
function processesIn(folder: string, name: RegExp): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder && name.test(basename(readlinkSync(`/proc/${pid}/exe`)));
      } catch {
        return false;
      }
    });
}

describe('in a closed home', () => {
  let home: string;
  let dataDir: string;
  let server: ServerProcess;
  beforeAll(async () => {
    home = await makeHome();
    dataDir = join(home, 'data');
    server = await spawnServer({ MOSTIK_DATA_DIR: dataDir, HOME: home });
    await server.waitReady();
    await query(dataDir, 'create table kept (word text)');
  });
  afterAll(async () => {
    await server.kill('SIGTERM');
    await rm(home, { recursive: true });
  });
  afterEach(async () => {
    // The next test begins with a running server, whatever this one did.
    await server.waitReady();
  });

  const write = (word: string) => query(dataDir, `insert into kept values ('${word}')`);
  const isKept = async (word: string) =>
    (await query(dataDir, `select 1 from kept where word = '${word}'`)).length === 1;

  test('nobody else can look into the data folder', async () => {
    const modeOf = async (path: string) => (await stat(join(dataDir, path))).mode & 0o777;
    // Others may at most pass through, to reach PostgreSQL's programs.
    expect((await modeOf('.')) & 0o067).toBe(0);
    expect(await modeOf('secret.key')).toBe(0o600);
    expect(await modeOf('database.url')).toBe(0o600);
    expect(await modeOf('postgres')).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres'))).uid === 0).toBe(false);
  });

  test('what was written is on disk, and both ways in ask for the password', async () => {
    expect(await query(dataDir, `select current_setting('fsync') as fsync`)).toEqual([{ fsync: 'on' }]);
    const address = (await readAddress(dataDir)) ?? '';
    const near = await bySocket(address, join(dataDir, 'postgres'));
    expect(new URL(near).searchParams.get('host')).toBe(join(dataDir, 'postgres'));
    for (const way of [address, near]) {
      const url = new URL(way);
      url.password = 'guess';
      await expect(new Client({ connectionString: url.href }).connect()).rejects.toMatchObject({ code: '28P01' });
    }
  });

  test('the app comes by the socket, and by the port where no socket can be reached', async () => {
    const rows = await query(
      dataDir,
      `select distinct client_addr is null as by_socket from pg_stat_activity where application_name = 'mostik'`,
    );
    expect(rows).toEqual([{ by_socket: true }]);
    const address = (await readAddress(dataDir)) ?? '';
    expect(await bySocket(address, join(dataDir, 'x'.repeat(100)))).toBe(address);
  });

  test('a second start on the same folder is refused in words', async () => {
    const second = await spawnServer({ MOSTIK_DATA_DIR: dataDir, HOME: home });
    await eventually(() => second.output().includes('already running on this data folder'), patient);
    await second.kill('SIGTERM');
    expect(await isKept('nothing')).toBe(false);
  });

  test('after kill -9 the watcher ends the server, and the next start has everything', async () => {
    await write('killed');
    const postmaster = join(dataDir, 'postgres', 'postmaster.pid');
    await server.kill('SIGKILL');
    await eventually(() => !existsSync(postmaster), { ...patient, what: 'the watcher did not end the server' });
    server.restart();
    await server.waitReady();
    expect(await isKept('killed')).toBe(true);
  });

  test.skipIf(!hasProc)(`a living leftover server is taken over${withoutProc}`, async () => {
    await write('adopted');
    const before = await postmasterOf(dataDir);
    for (const pid of processesIn(join(dataDir, 'postgres'), shell)) process.kill(pid, 'SIGKILL');
    await server.kill('SIGKILL');
    server.restart();
    await server.waitReady();
    expect(await postmasterOf(dataDir)).toBe(before);
    expect(await isKept('adopted')).toBe(true);
    // The new owner watches it again.
    expect(processesIn(join(dataDir, 'postgres'), shell)).toHaveLength(1);
  });

  test.skipIf(!hasProc)(
    `a postmaster.pid whose number belongs to another process by now is cleared${withoutProc}`,
    async () => {
      await write('stale');
      const file = join(dataDir, 'postgres', 'postmaster.pid');
      const lines = (await readFile(file, 'utf8')).split('\n');
      expect(await server.kill('SIGTERM')).toBe(0);
      expect(existsSync(file)).toBe(false);
      await writeFile(file, [String(process.pid), ...lines.slice(1)].join('\n'));
      server.restart();
      await server.waitReady();
      expect(await isKept('stale')).toBe(true);
    },
  );

  test('when the database server dies under a living app it comes back at the same address', async () => {
    await write('returned');
    const before = await postmasterOf(dataDir);
    process.kill(before, 'SIGKILL');
    await eventually(async () => (await postmasterOf(dataDir)) !== before && (await isKept('returned')), {
      within: 25_000,
    });
    await server.waitReady();
  });
});

/** A working copy in root's closed home cannot be read by others at all. */
const nobodyCanReadUs =
  isRoot &&
  spawnSync('/bin/sh', ['-c', 'test -x "$0" && test -r "$1"', process.execPath, import.meta.filename], {
    cwd: '/',
    uid: nobody.uid,
    gid: nobody.gid,
  }).status === 0;

const onlyRoot = isRoot ? '' : ' (left out: only root can act as another user)';
const unread = isRoot && !nobodyCanReadUs ? ' (left out: the other user cannot read this working copy)' : onlyRoot;

test.runIf(nobodyCanReadUs)(`runs as a user who is not root, in a folder of their own${unread}`, async () => {
  const home = await makeHome();
  await chown(home, nobody.uid, nobody.gid);
  const server = await spawnServer({ HOME: home }, nobody);
  try {
    await server.waitReady();
    expect((await stat(join(home, '.local/share/mostik/postgres'))).uid).toBe(nobody.uid);
  } finally {
    await server.kill('SIGTERM');
    await rm(home, { recursive: true });
  }
});

test.runIf(isRoot)(`programs that the other user cannot reach are copied to where they can be${onlyRoot}`, async () => {
  const home = await makeHome();
  const shelf = await mkdtemp(join(tmpdir(), 'mostik-shelf-'));
  try {
    const from = join(home, 'package');
    await cp(packageFolder(), from, { recursive: true, verbatimSymlinks: true });
    const dataDir = join(shelf, 'data');
    await mkdir(dataDir, { mode: 0o700 });
    await chmod(shelf, 0o711);
    const binaries = await prepareBinaries(dataDir, nobody, from);
    expect(binaries.postgres.startsWith(dataDir)).toBe(true);
    // Passed through, still not looked into.
    const { mode, gid } = await stat(dataDir);
    expect([mode & 0o777, gid]).toEqual([0o710, nobody.gid]);
    expect(await prepareBinaries(dataDir, nobody, from)).toEqual(binaries);
  } finally {
    await rm(home, { recursive: true });
    await rm(shelf, { recursive: true });
  }
});
