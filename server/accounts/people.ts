import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { SignedIn } from '../http/caller.ts';
import { invalidField } from '../http/problem.ts';

/** What a new person is made of. */
export interface NewPerson {
  email: string;
  name: string;
  language: 'en' | 'ru';
  zone: string;
}

export const personColumns = [
  'people.id',
  'people.email',
  'people.name',
  'people.language',
  'people.zone',
  'people.administrator',
] as const;

export async function readPerson(db: Kysely<Tables>, id: string): Promise<SignedIn> {
  return db.selectFrom('people').select(personColumns).where('id', '=', id).executeTakeFirstOrThrow();
}

/** Adds a person who signs in with a password. */
export async function addPerson(
  transaction: Transaction<Tables>,
  person: NewPerson & { administrator: boolean; passwordHash: string },
): Promise<string> {
  const { passwordHash, ...columns } = person;
  const id = randomUUID();
  await transaction
    .insertInto('people')
    .values({ id, ...columns, email: columns.email.toLowerCase() })
    .execute();
  await transaction
    .insertInto('credentials')
    .values({
      id: randomUUID(),
      person_id: id,
      account_id: id,
      provider_id: 'credential',
      password: passwordHash,
    })
    .execute();
  return id;
}

export async function changePerson(
  db: Kysely<Tables>,
  id: string,
  change: { name?: string | undefined; language?: 'en' | 'ru' | undefined; zone?: string | undefined },
): Promise<SignedIn> {
  if (change.zone !== undefined) checkZone(change.zone);
  await db
    .updateTable('people')
    .set({ ...change, updated_at: new Date() })
    .where('id', '=', id)
    .execute();
  return readPerson(db, id);
}

/** Refuses what is not an IANA time zone. */
export function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw invalidField('/zone', {
      en: 'This time zone is not known. Example: Europe/Moscow.',
      ru: 'Такого часового пояса нет. Пример: Europe/Moscow.',
    });
  }
}
