import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, open, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { askDatabase } from './database.ts';
import type { Stage } from './kind.ts';

const run = promisify(execFile);

/** A disk of a few megabytes, filled up with a file of ours to the last page but some. */
export interface SmallDisk {
  /** Leaves so many bytes. */
  fill(leave: number): Promise<void>;
  /** Takes our file away. */
  free(): Promise<void>;
}

/**
 * Mounts a small tmpfs and moves tables with their indexes into a tablespace on it, as an administrator would who has
 * more than one disk. The product needs no word of it.
 */
export async function moveToSmallDisk(
  stage: Stage,
  input: { databaseUrl: string; dataDir: string; name: string; tables: string[]; megabytes: number },
): Promise<SmallDisk> {
  const { databaseUrl, dataDir, name, tables, megabytes } = input;
  const mounted = await mkdtemp(join(tmpdir(), `mostik-chaos-${name}-`));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', mounted]);
  stage.onEnd(async () => {
    await run('umount', ['--lazy', mounted]);
    await rm(mounted, { recursive: true });
  });
  // The server runs as the owner of its folder, whoever that is.
  const { uid, gid } = await stat(join(dataDir, 'postgres'));
  await chown(mounted, uid, gid);
  await chmod(mounted, 0o700);
  await askDatabase(databaseUrl, `create tablespace ${name} location '${mounted}'`);
  for (const { what, table } of await partsOf(databaseUrl, tables)) {
    await askDatabase(databaseUrl, `alter ${what} ${table} set tablespace ${name}`);
  }
  const ballast = join(mounted, 'ballast');
  return {
    async fill(leave) {
      const { bavail, bsize } = await statfs(mounted);
      const file = await open(ballast, 'w');
      await file.writeFile(Buffer.alloc(Math.max(0, bavail * bsize - leave), 1));
      await file.close();
    },
    free: () => rm(ballast, { force: true }),
  };
}

/** Tables with their partitions, and the indexes of all of them. */
async function partsOf(url: string, tables: string[]): Promise<{ what: string; table: string }[]> {
  return askDatabase(
    url,
    `with whole as (
       select c.oid from pg_class c where c.relname = any($1)
       union select i.inhrelid from pg_inherits i join pg_class p on p.oid = i.inhparent where p.relname = any($1))
     select case c.relkind when 'i' then 'index' else 'table' end as what, c.oid::regclass::text as table
     from pg_class c
     where c.relkind in ('r', 'i') and (c.oid in (select oid from whole)
       or c.oid in (select x.indexrelid from pg_index x join whole w on w.oid = x.indrelid))`,
    [tables],
  );
}
