import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';

/** Our own PostgreSQL cannot run here: words for the administrator. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError';
}

export interface RunAs {
  name: string;
  uid: number;
  gid: number;
}

async function readPasswd(): Promise<RunAs[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/**
 * PostgreSQL refuses to run as root: who runs it instead. null: the present user does. A cluster that is there keeps its owner.
 */
export async function findRunAs(cluster: string): Promise<RunAs | null> {
  if (process.getuid?.() !== 0) {
    try {
      userInfo();
      return null;
    } catch (error) {
      // initdb: "could not look up effective user ID": containers that run under an arbitrary uid.
      throw new EmbeddedError(
        'The present user has no entry in /etc/passwd, and PostgreSQL refuses to run so. Give a database of your own: DATABASE_URL=postgres://…',
        { cause: error },
      );
    }
  }
  const people = await readPasswd();
  const owner = await stat(cluster).catch(() => null);
  const keeps = owner && owner.uid !== 0 ? people.find((person) => person.uid === owner.uid) : undefined;
  const found = keeps ?? people.find(({ name }) => name === 'postgres') ?? people.find(({ name }) => name === 'nobody');
  if (found) return found;
  throw new EmbeddedError(
    'PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it instead. ' +
      'Start as another user, or give a database of your own: DATABASE_URL=postgres://…',
  );
}
