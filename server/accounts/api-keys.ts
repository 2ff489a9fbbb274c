import { defaultKeyHasher } from '@better-auth/api-key';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { SignedIn } from '../http/caller.ts';
import { notFound, Problem } from '../http/problem.ts';
import { authOf } from './auth.ts';
import { personColumns } from './people.ts';

/** The key of MOSTIK_API_KEY and the person it acts for. */
const ofEnvironment = 'environment';

/**
 * The person a key acts for. One query: the plugin's own check writes to the row at every call; we note the last use
 * once a minute.
 */
export async function personOfKey(ctx: Context, key: string): Promise<SignedIn | null> {
  const row = await ctx.db
    .selectFrom('api_keys')
    .innerJoin('people', 'people.id', 'api_keys.reference_id')
    .select([
      ...personColumns,
      'api_keys.id as key_id',
      sql<boolean>`coalesce(last_request < now() - interval '1 minute', true)`.as('stale'),
    ])
    .where('api_keys.key', '=', await defaultKeyHasher(key))
    .where('enabled', '=', true)
    .where((column) => column.or([column('expires_at', 'is', null), column('expires_at', '>', sql<Date>`now()`)]))
    .executeTakeFirst();
  if (!row) return null;
  const { key_id, stale, ...person } = row;
  if (stale) {
    await ctx.db.updateTable('api_keys').set({ last_request: new Date() }).where('id', '=', key_id).execute();
  }
  return person;
}

export async function listApiKeys(ctx: Context) {
  const rows = await ctx.db
    .selectFrom('api_keys')
    .select(['id', 'name', 'start', 'created_at', 'last_request'])
    .orderBy('created_at')
    .execute();
  return rows.map(({ id, name, start, created_at, last_request }) => ({
    id,
    name: name ?? '',
    start: start ?? '',
    createdAt: created_at.toISOString(),
    lastUsedAt: last_request?.toISOString() ?? null,
  }));
}

/** Makes a key that acts for a person; the secret is known this once. */
export async function makeApiKey(ctx: Context, options: { personId: string; name: string }) {
  const auth = await authOf(ctx);
  const { id, key } = await auth.api.createApiKey({ body: { userId: options.personId, name: options.name } });
  return { id, name: options.name, key };
}

/** Makes a key that acts for the first administrator and returns its secret: for `mostik api-key`. */
export async function issueApiKey(ctx: Context, name: string): Promise<string> {
  const first = await ctx.db.selectFrom('setup').select('person_id').executeTakeFirst();
  if (!first) throw notFound({ en: 'Make the first administrator first.', ru: 'Сначала создайте администратора.' });
  const { key } = await makeApiKey(ctx, { personId: first.person_id, name });
  return key;
}

export async function revokeApiKey(ctx: Context, id: string): Promise<void> {
  if (id === ofEnvironment) {
    throw new Problem({
      status: 409,
      code: 'accounts.key_of_environment',
      text: {
        en: 'This key comes from the setting MOSTIK_API_KEY. Remove it there and start the program anew.',
        ru: 'Этот ключ задан настройкой MOSTIK_API_KEY. Уберите его там и перезапустите программу.',
      },
    });
  }
  const gone = await ctx.db.deleteFrom('api_keys').where('id', '=', id).returning('id').executeTakeFirst();
  if (!gone) throw notFound({ en: 'There is no such key.', ru: 'Такого ключа нет.' });
}

/** Makes MOSTIK_API_KEY work, with all rights; without it an earlier one stops working. */
export async function ensureApiKey(ctx: Context): Promise<void> {
  const { apiKey } = ctx.config;
  if (apiKey === null) {
    await ctx.db.deleteFrom('api_keys').where('id', '=', ofEnvironment).execute();
    return;
  }
  const key = await defaultKeyHasher(apiKey);
  await ctx.db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('people')
      .values({
        id: ofEnvironment,
        email: 'api@mostik.invalid',
        name: 'API',
        language: 'en',
        zone: 'UTC',
        administrator: true,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await transaction.deleteFrom('api_keys').where('key', '=', key).where('id', '<>', ofEnvironment).execute();
    await transaction
      .insertInto('api_keys')
      .values({
        id: ofEnvironment,
        name: 'MOSTIK_API_KEY',
        start: '',
        key,
        reference_id: ofEnvironment,
        rate_limit_enabled: false,
      })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ key, updated_at: new Date() }))
      .execute();
  });
}
