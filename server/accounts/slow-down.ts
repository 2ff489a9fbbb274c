import ipaddr from 'ipaddr.js';
import { sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import type { Tables } from '../db/tables.ts';
import { Problem } from '../http/problem.ts';

/** Who guesses, or what is guessed at. After `free` failures in an hour each one makes the next wait twice as long. */
interface Guess {
  key: string;
  free: number;
  /** After a success: `forget` all failures, or `giveBack` only this attempt (others guess from the same address). */
  success: 'forget' | 'giveBack';
}

const longestSeconds = 60;

/** An office or a proxy is one address, so it has more tries; an IPv6 customer owns a /64. */
export const byAddress = (address: string): Guess => ({
  key: `address ${network(address)}`,
  free: 10,
  success: 'giveBack',
});
export const byEmail = (email: string): Guess => ({ key: `email ${email.toLowerCase()}`, free: 4, success: 'forget' });
export const byPerson = (id: string): Guess => ({ key: `person ${id}`, free: 4, success: 'forget' });

function network(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv6' ? parsed.toNormalizedString().split(':').slice(0, 4).join(':') : parsed.toString();
}

/**
 * Runs `check`, whose null means a wrong guess. An attempt is counted before it is checked, so that a burst of
 * attempts at the same moment gains nothing; too early a one is refused without a check.
 */
export async function slowly<T>(ctx: Context, guesses: Guess[], check: () => Promise<T | null>): Promise<T | null> {
  await ctx.db.transaction().execute(async (transaction) => {
    for (const guess of guesses) await count(transaction, guess);
  });
  const found = await check();
  if (found !== null) for (const guess of guesses) await forgive(ctx, guess);
  return found;
}

async function count(transaction: Transaction<Tables>, { key, free }: Guess): Promise<void> {
  const failures = sql`(case when known.at < now() - interval '1 hour' then 1 else known.failures + 1 end)`;
  const seconds = sql`least(${longestSeconds}, power(2, least(${failures} - ${free}::int, 20)))`;
  const counted = await sql`
    insert into password_attempts as known (key, failures) values (${key}, 1)
    on conflict (key) do update set
      failures = ${failures},
      blocked_until = case when ${failures} > ${free}::int then now() + make_interval(secs => ${seconds}) end,
      at = now()
    where known.blocked_until is null or known.blocked_until <= now()
    returning key`.execute(transaction);
  if (counted.rows.length > 0) return;
  const { rows } = await sql<{ wait: number }>`
    select greatest(1, ceil(extract(epoch from blocked_until - now())))::int as wait
    from password_attempts where key = ${key}`.execute(transaction);
  throw tooEarly(rows[0]?.wait ?? 1);
}

const tooEarly = (seconds: number): Problem =>
  new Problem({
    status: 429,
    code: 'accounts.too_many_attempts',
    text: {
      en: `Too many attempts. Try again in ${seconds} s.`,
      ru: `Слишком много попыток. Попробуйте снова через ${seconds} с.`,
    },
    headers: { 'retry-after': String(seconds) },
  });

async function forgive(ctx: Context, { key, success }: Guess): Promise<void> {
  switch (success) {
    case 'forget':
      await ctx.db
        .deleteFrom('password_attempts')
        .where((column) => column.or([column('key', '=', key), column('at', '<', sql<Date>`now() - interval '1 day'`)]))
        .execute();
      return;
    case 'giveBack':
      await ctx.db
        .updateTable('password_attempts')
        .set({ failures: sql`greatest(failures - 1, 0)`, blocked_until: null })
        .where('key', '=', key)
        .execute();
  }
}
