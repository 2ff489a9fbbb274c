import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { chown, mkdir, open, readdir, readFile, readlink, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, postgresEnvironment } from './embedded-binaries.ts';
import { EmbeddedError, type RunAs } from './embedded-user.ts';

const run = promisify(execFile);

/** PostgreSQL's data and who runs it. */
export interface Cluster {
  dataDir: string;
  /** `<data folder>/postgres` */
  folder: string;
  binaries: Binaries;
  runAs: RunAs | null;
  settings: Record<string, string>;
}

/**
 * The name under which the server opens its folder. The child is put there before it gives up root (libuv: chdir, then
 * setuid), and this link needs no right to walk the way to it: so the data folder, and a home around it, stay closed to others.
 */
const placeOf = (cluster: Cluster, folder: string): string =>
  cluster.runAs && existsSync('/proc/self/cwd') ? '/proc/self/cwd' : folder;

const spawnOptions = (cluster: Cluster, folder: string) => ({
  cwd: folder,
  env: postgresEnvironment,
  uid: cluster.runAs?.uid,
  gid: cluster.runAs?.gid,
});

/** Makes the cluster when there is none. It appears whole or not at all. */
export async function makeCluster(cluster: Cluster, password: string): Promise<void> {
  if (existsSync(join(cluster.folder, 'PG_VERSION'))) return await refuseOtherVersion(cluster);
  const draft = `${cluster.folder}.new-${randomUUID()}`;
  await mkdir(draft, { mode: 0o700 });
  const passwordFile = `${draft}.password`;
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8'];
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (cluster.runAs) await chown(draft, cluster.runAs.uid, cluster.runAs.gid);
    // Opened by us and handed over as an open file: the other user cannot reach the folder it lies in.
    const handle = await open(passwordFile, 'r');
    try {
      await initdb(cluster, draft, [...locale, '--username=mostik', '--auth=scram-sha-256'], {
        handle: handle.fd,
        file: passwordFile,
      });
    } finally {
      await handle.close();
    }
    await rename(draft, cluster.folder);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

async function initdb(
  cluster: Cluster,
  draft: string,
  args: string[],
  password: { handle: number; file: string },
): Promise<void> {
  const passwordPlace = cluster.runAs && existsSync('/proc/self/fd') ? '/proc/self/fd/3' : password.file;
  if (cluster.runAs) await chown(password.file, cluster.runAs.uid, cluster.runAs.gid);
  const child = spawn(cluster.binaries.initdb, ['-D', placeOf(cluster, draft), `--pwfile=${passwordPlace}`, ...args], {
    ...spawnOptions(cluster, draft),
    stdio: ['ignore', 'pipe', 'pipe', password.handle],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new EmbeddedError(`The database could not be made in ${cluster.folder}: ${said.trim().slice(-2000)}`);
}

async function refuseOtherVersion(cluster: Cluster): Promise<void> {
  const kept = (await readFile(join(cluster.folder, 'PG_VERSION'), 'utf8')).trim();
  const { stdout } = await run(cluster.binaries.postgres, ['--version'], spawnOptions(cluster, cluster.folder));
  const ours = /(\d+)\.\d+/.exec(stdout)?.[1];
  if (kept === ours) return;
  throw new EmbeddedError(
    `The database in ${cluster.folder} is of PostgreSQL ${kept}, this program brings PostgreSQL ${ours}: dump it with the older version and restore it into the new one.`,
  );
}

export interface Postmaster {
  pid: number;
  port: number;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Whether that process works in this folder: PostgreSQL does, and a process that merely got the same number does not. */
async function worksIn(pid: number, folder: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (!existsSync('/proc/self/cwd')) return true;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === realpathSync(folder);
  } catch (error) {
    // A process that ended and whose parent has not asked for it yet has no folder any more.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    // Root in a container without CAP_SYS_PTRACE may not look there; the name is for everybody.
    return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() === 'postgres';
  }
}

/**
 * The living server of this cluster. A stale postmaster.pid and the lock of its socket are cleared: PostgreSQL itself
 * would stop at them when their number is taken again.
 */
export async function findPostmaster(cluster: Cluster): Promise<Postmaster | null> {
  const file = join(cluster.folder, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  // Lines: pid, folder, start, port, socket folder, address. https://www.postgresql.org/docs/18/storage-file-layout.html
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (pid > 0 && (await worksIn(pid, cluster.folder))) return { pid, port: Number(lines[3] ?? 0) };
  const sockets = (await readdir(cluster.folder)).filter((name) => name.startsWith('.s.PGSQL.'));
  for (const stale of [...sockets, 'postmaster.pid']) await unlink(join(cluster.folder, stale)).catch(() => {});
  return null;
}

/** Starts the server. Its messages go to `postgres.log`, which outlives us: a pipe would break when we are killed. */
export async function launch(cluster: Cluster, port: number): Promise<ChildProcess> {
  const logFile = join(cluster.dataDir, 'postgres.log');
  const log = await open(logFile, 'a', 0o600);
  const { size } = await log.stat();
  if (size > 10_000_000) await log.truncate(0);
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // Its own folder, which it works in and nobody else may enter.
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    max_connections: '100',
    shared_buffers: '128MB',
    // Small machines: one query, one process; and no time lost on compiling short statements.
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...cluster.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  try {
    // Detached: Ctrl+C in a terminal reaches us alone, and we stop the server when our own work is handed back.
    const child = spawn(cluster.binaries.postgres, ['-D', placeOf(cluster, cluster.folder), ...flags], {
      ...spawnOptions(cluster, cluster.folder),
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    child.on('error', () => {});
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** The last lines of the server's log, for an error message. */
export async function logTail(cluster: Cluster): Promise<string> {
  const text = await readFile(join(cluster.dataDir, 'postgres.log'), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-5).join('\n');
}

/** Fast shutdown: sessions are ended, everything is on disk afterwards. */
export async function shutDown(cluster: Cluster): Promise<void> {
  await run(cluster.binaries.pgCtl, ['-D', placeOf(cluster, cluster.folder), 'stop', '-m', 'fast', '-w', '-t', '30'], {
    ...spawnOptions(cluster, cluster.folder),
  }).catch(async (error: Error) => {
    if (await findPostmaster(cluster)) throw error;
  });
}

/**
 * A shell that waits until its input ends, which is when we are gone however we died, and then ends the server, unless
 * another owner has taken it over meanwhile.
 */
export function watch(cluster: Cluster, token: string): { stop(): void } {
  if (process.platform === 'win32') return { stop: () => {} };
  const script = `while read -r line; do :; done
read -r owner < mostik.owner || exit 0
[ "$owner" = "$1" ] || exit 0
read -r pid < postmaster.pid && kill -INT "$pid"`;
  const child = spawn('/bin/sh', ['-c', script, 'mostik-watcher', token], {
    ...spawnOptions(cluster, cluster.folder),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  return { stop: () => child.kill('SIGKILL') };
}

/** Tells an older watcher that the server has a new owner. */
export async function writeOwner(cluster: Cluster, token: string): Promise<void> {
  const file = join(cluster.folder, 'mostik.owner');
  await writeFile(file, `${token}\n`);
  if (cluster.runAs) await chown(file, cluster.runAs.uid, cluster.runAs.gid);
}
