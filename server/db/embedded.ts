import { randomUUID } from 'node:crypto';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { bySocket, makeAddress, readAddress, writePort } from './embedded-address.ts';
import { prepareBinaries } from './embedded-binaries.ts';
import {
  type Cluster,
  findPostmaster,
  launch,
  logTail,
  makeCluster,
  shutDown,
  watch,
  writeOwner,
} from './embedded-cluster.ts';
import { EmbeddedError, findRunAs } from './embedded-user.ts';

export interface EmbeddedDatabase {
  url: string;
  /** True when a server that outlived its owner was taken over. */
  adopted: boolean;
  stop(): Promise<void>;
}

/** One owner at a time: whoever holds this lock over a connection of its own. The lock falls with the process. */
const ownerLock = 0x6d_6f_73_74;
const readyWithin = 60_000;

async function openDataDir(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const { mode } = await stat(dataDir);
  // Keys and passwords lie here. Passing through (x) may have been given to the user who runs PostgreSQL.
  if ((mode & 0o066) !== 0) await chmod(dataDir, mode & 0o711);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const folderOf = (dataDir: string): string => join(dataDir, 'postgres');

/** The port of the last time when it is free, so that processes which know it find us again. */
async function choosePort(address: string): Promise<number> {
  const last = Number(new URL(address).port);
  return last > 0 && (await isFree(last)) ? last : freePort();
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** Connects as soon as the server lets us in; null when it is gone. 57P03: starting up or shutting down. */
async function connectWhenReady(url: string, isGone: () => Promise<boolean>): Promise<Client | null> {
  for (const until = Date.now() + readyWithin; ; await delay(50)) {
    const client = new Client({
      connectionString: withDatabase(url, 'postgres'),
      application_name: 'mostik owner',
      keepAlive: true,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === '28P01')
        throw new EmbeddedError(
          'Our own PostgreSQL refuses the password of the file database.url: restore that file from a backup.',
        );
      if (await isGone()) return null;
      if (Date.now() > until)
        throw new EmbeddedError(`PostgreSQL does not answer: ${(error as Error).message}`, { cause: error });
    }
  }
}

interface Running {
  url: string;
  client: Client;
  adopted: boolean;
}

async function adopt(cluster: Cluster): Promise<Running | null> {
  const living = await findPostmaster(cluster);
  if (!living) return null;
  const url = await writePort(cluster.dataDir, living.port);
  const client = await connectWhenReady(url, async () => (await findPostmaster(cluster))?.pid !== living.pid);
  return client && { url, client, adopted: true };
}

async function launchAnew(cluster: Cluster): Promise<Running | null> {
  const port = await choosePort((await readAddress(cluster.dataDir)) ?? '');
  const url = await writePort(cluster.dataDir, port);
  const child = await launch(cluster, port);
  const client = await connectWhenReady(
    url,
    async () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined,
  );
  return client && { url, client, adopted: false };
}

/** The living server, or a new one. Three tries: the port may be taken between choosing and opening it, and so may the folder. */
async function bringUp(cluster: Cluster): Promise<Running> {
  for (let tries = 0; tries < 3; tries += 1) {
    const running = (await adopt(cluster)) ?? (await launchAnew(cluster));
    if (running) return running;
  }
  throw new EmbeddedError(`PostgreSQL did not start in ${cluster.folder}:\n${await logTail(cluster)}`);
}

async function own(running: Running): Promise<void> {
  const { rows } = await running.client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [
    ownerLock,
  ]);
  if (rows[0]?.mine) return;
  await running.client.end();
  throw new EmbeddedError(
    'Mostik is already running on this data folder. Stop it first, or set another MOSTIK_DATA_DIR.',
  );
}

async function makeDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query(`select 1 from pg_database where datname = 'mostik'`);
  if (!rowCount) await client.query('create database mostik');
}

/** Takes the server over: the lock, the watcher, the database. */
async function takeOver(cluster: Cluster): Promise<Running & { watcher: { stop(): void } }> {
  const running = await bringUp(cluster);
  await own(running);
  const token = randomUUID();
  await writeOwner(cluster, token);
  // The watcher of a dead owner may have looked a moment before and be about to end the server: see that it lives on.
  if (running.adopted) {
    await delay(200);
    await running.client.query('select 1');
  }
  await makeDatabase(running.client);
  return { ...running, watcher: watch(cluster, token) };
}

/**
 * Runs a real PostgreSQL in the data folder for as long as we live. When it dies without us it is started again on the
 * same port; when we die without stopping it, a watcher ends it; when that failed too, the next start takes it over.
 */
export async function startEmbedded(options: {
  dataDir: string;
  log: Logger;
  /** Beside our own settings: tests need more connections. */
  settings?: Record<string, string>;
}): Promise<EmbeddedDatabase> {
  const { dataDir, log, settings = {} } = options;
  await openDataDir(dataDir);
  const folder = folderOf(dataDir);
  const runAs = await findRunAs(folder);
  const cluster: Cluster = { dataDir, folder, runAs, settings, binaries: await prepareBinaries(dataDir, runAs) };
  const address = (await readAddress(dataDir)) ?? (await makeAddress(dataDir));
  await makeCluster(cluster, new URL(address).password);

  let stopping = false;
  let held = await takeOver(cluster).catch(async (error: Error) => {
    if (error instanceof EmbeddedError) throw error;
    return await takeOver(cluster);
  });
  const adopted = held.adopted;

  async function bringBack(): Promise<void> {
    held.watcher.stop();
    for (let wait = 200; !stopping; wait = Math.min(wait * 2, 10_000)) {
      try {
        held = await takeOver(cluster);
        return guard();
      } catch (error) {
        log.error({ err: error }, 'PostgreSQL cannot be started again');
        await delay(wait);
      }
    }
  }
  function guard(): void {
    held.client.once('end', () => {
      if (stopping) return;
      log.warn('PostgreSQL went away, starting it again');
      void bringBack();
    });
  }
  guard();

  return {
    url: await bySocket(held.url, folder),
    adopted,
    async stop() {
      stopping = true;
      await held.client.end().catch(() => {});
      await shutDown(cluster);
      held.watcher.stop();
    },
  };
}

/** The address of our own PostgreSQL when it answers; null when none runs in this data folder. */
export async function findEmbedded(dataDir: string): Promise<string | null> {
  const url = await readAddress(dataDir);
  if (url === null || new URL(url).port === '') return null;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await bySocket(url, folderOf(dataDir));
  } catch {
    return null;
  } finally {
    await client.end().catch(() => {});
  }
}
