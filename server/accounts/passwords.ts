import { randomInt } from 'node:crypto';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import type { Context } from '../context.ts';
import { invalidField, notFound, Problem } from '../http/problem.ts';
import { byPerson, slowly } from './slow-down.ts';

/** Changes a person's own password; every session ends, the asking one is made anew by its caller. */
export async function changePassword(
  ctx: Context,
  change: { personId: string; current: string; next: string },
): Promise<void> {
  const { personId, current, next } = change;
  const hash = await readHash(ctx, personId);
  const right = await slowly(ctx, [byPerson(personId)], async () =>
    (await verifyPassword({ hash, password: current })) ? true : null,
  );
  if (!right) {
    throw invalidField('/current', { en: 'This is not your current password.', ru: 'Это не текущий пароль.' });
  }
  await writePassword(ctx, personId, next);
}

async function readHash(ctx: Context, personId: string): Promise<string> {
  const row = await ctx.db
    .selectFrom('credentials')
    .select('password')
    .where('person_id', '=', personId)
    .where('provider_id', '=', 'credential')
    .executeTakeFirst();
  if (row?.password) return row.password;
  throw new Problem({
    status: 409,
    code: 'accounts.no_password',
    text: { en: 'This account has no password.', ru: 'У этой учётной записи нет пароля.' },
  });
}

async function writePassword(ctx: Context, personId: string, password: string): Promise<void> {
  const hash = await hashPassword(password);
  await ctx.db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('credentials')
      .set({ password: hash, updated_at: new Date() })
      .where('person_id', '=', personId)
      .where('provider_id', '=', 'credential')
      .execute();
    await transaction.deleteFrom('sessions').where('person_id', '=', personId).execute();
  });
}

/** Without letters and digits that look alike: 20 characters, about 115 bits. */
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Gives a person a new random password and ends their sessions: for `mostik reset-password`. Throws when nobody has this e-mail. */
export async function resetPassword(ctx: Context, email: string): Promise<string> {
  const person = await ctx.db
    .selectFrom('people')
    .innerJoin('credentials', 'credentials.person_id', 'people.id')
    .select('people.id')
    .where('people.email', '=', email.trim().toLowerCase())
    .where('credentials.provider_id', '=', 'credential')
    .executeTakeFirst();
  if (!person) {
    throw notFound({ en: `Nobody signs in with the e-mail ${email}.`, ru: `С почтой ${email} никто не входит.` });
  }
  const password = Array.from({ length: 20 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  await writePassword(ctx, person.id, password);
  return password;
}
