import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { SignedIn } from '../http/caller.ts';
import { invalidField } from '../http/problem.ts';

/** What a new person is made of. */
export interface NewPerson {
  email: string;
  name: string;
  /** Null: not asked. Until it is chosen, each sign-in takes the browser's. */
  language: 'en' | 'ru' | null;
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
  const { passwordHash, language, ...columns } = person;
  const id = randomUUID();
  await transaction
    .insertInto('people')
    .values({
      id,
      ...columns,
      email: columns.email.toLowerCase(),
      language: language ?? 'en',
      language_chosen: language !== null,
    })
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
    .set({ ...change, ...(change.language && { language_chosen: true }), updated_at: new Date() })
    .where('id', '=', id)
    .execute();
  return readPerson(db, id);
}

/** Somebody who never chose a language gets the one of the browser they sign in with. */
export async function followLanguage(db: Kysely<Tables>, id: string, language: 'en' | 'ru'): Promise<void> {
  await db.updateTable('people').set({ language }).where('id', '=', id).where('language_chosen', '=', false).execute();
}

/** The first of the browser's languages that we speak. */
export function languageOf(acceptLanguage: string | undefined): 'en' | 'ru' {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const weight = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean);
      return { language: tag.split('-')[0], weight: Number(weight ?? 1) };
    })
    .filter(({ language, weight }) => (language === 'en' || language === 'ru') && weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  return wanted[0]?.language === 'ru' ? 'ru' : 'en';
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
