import type { Selectable } from 'kysely';
import { ConnectorError } from '../../kit/errors.ts';
import type { Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import type { Tables } from '../db/tables.ts';
import type { JsonValue } from '../http/contract.ts';
import type { FailureView } from './contract.ts';

export type ConnectionRow = Selectable<Tables['connections']>;

export async function readConnection(ctx: Context, id: string): Promise<ConnectionRow | undefined> {
  return ctx.db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function readConnectionByHook(ctx: Context, hookKey: string): Promise<ConnectionRow | undefined> {
  return ctx.db.selectFrom('connections').selectAll().where('hook_key', '=', hookKey).executeTakeFirst();
}

export async function readConnections(ctx: Context): Promise<ConnectionRow[]> {
  return ctx.db.selectFrom('connections').selectAll().orderBy('created_at').execute();
}

export async function insertConnection(
  ctx: Context,
  row: {
    id: string;
    connector: string;
    auth: string;
    name: string;
    fields: Record<string, JsonValue>;
    secrets: Record<string, string>;
    endpoints: Record<string, string>;
    hookKey: string;
    createdBy: string;
  },
): Promise<void> {
  await ctx.db
    .insertInto('connections')
    .values({
      id: row.id,
      connector: row.connector,
      auth: row.auth,
      name: row.name,
      fields: toJsonb(row.fields),
      secrets: ctx.sealer.seal(JSON.stringify(row.secrets)),
      secrets_set: Object.keys(row.secrets),
      endpoints: toJsonb(row.endpoints),
      hook_key: row.hookKey,
      warnings: '[]',
      created_by: row.createdBy,
    })
    .execute();
}

/** Changes what is given; every change grows the revision, so that processes drop what they cached. */
export async function updateConnection(
  ctx: Context,
  id: string,
  change: {
    name?: string | undefined;
    auth?: string | undefined;
    fields?: Record<string, JsonValue> | undefined;
    secrets?: Record<string, string> | undefined;
    endpoints?: Record<string, string> | undefined;
    validUntil?: string | null | undefined;
  },
): Promise<void> {
  await ctx.db
    .updateTable('connections')
    .set((eb) => ({
      revision: eb('revision', '+', 1),
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.auth === undefined ? {} : { auth: change.auth }),
      ...(change.fields === undefined ? {} : { fields: toJsonb(change.fields) }),
      ...(change.endpoints === undefined ? {} : { endpoints: toJsonb(change.endpoints) }),
      ...(change.validUntil === undefined ? {} : { valid_until: change.validUntil }),
      ...(change.secrets === undefined
        ? {}
        : { secrets: ctx.sealer.seal(JSON.stringify(change.secrets)), secrets_set: Object.keys(change.secrets) }),
    }))
    .where('id', '=', id)
    .execute();
}

/** Throws `ConnectorError` when the installation's key is another one: runs wait until it is given back. */
export function openSecrets(ctx: Context, row: ConnectionRow): Record<string, string> {
  try {
    return JSON.parse(ctx.sealer.open(row.secrets)) as Record<string, string>;
  } catch (cause) {
    throw new ConnectorError({
      kind: 'temporary',
      code: 'secret_key.other',
      text: {
        en: 'The secrets of this connection were sealed under another key. Give back the key (MOSTIK_SECRET_KEY or the file secret.key), or reconnect with new secrets.',
        ru: 'Секреты подключения зашифрованы другим ключом. Верните ключ (MOSTIK_SECRET_KEY или файл secret.key) или переподключите с новыми секретами.',
      },
      cause,
    });
  }
}

/** The connection answered: it is healthy. One that is blocked stays so until a check found its account. False: it is blocked. */
export async function writeWorked(
  ctx: Context,
  id: string,
  account?: { label: string; identity: string; warnings: Text[] },
): Promise<boolean> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('connections')
    .set({
      worked_at: new Date(),
      failure: null,
      needs_reconnect: false,
      ...(account
        ? { account: account.label, identity: account.identity, warnings: toJsonb(account.warnings), blocked: null }
        : {}),
    })
    .where('id', '=', id)
    .$if(account === undefined, (query) => query.where('blocked', 'is', null))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** It must not be used any more, whatever it answers. */
export async function writeBlocked(ctx: Context, id: string, reason: { code: string; text: Text }): Promise<void> {
  await ctx.db
    .updateTable('connections')
    .set({ blocked: toJsonb(reason) })
    .where('id', '=', id)
    .execute();
}

/** A person renewed the connection: runs that wait for it go on now. */
export async function wakeHeldRuns(ctx: Context, connectionId: string): Promise<void> {
  await ctx.pool.query(
    `update runs set waits_for = null, wake_at = now(), wakes = 0, failing_since = failing_since + (now() - held_at), held_at = null
     where waits_for = $1 and state = 'waiting'`,
    [connectionId],
  );
}

/**
 * The connection answered again, and nobody renewed it: runs that wait for it try after a minute, then ten, then a
 * hundred. They can still be woken by a person meanwhile.
 */
export async function retryHeldRuns(ctx: Context, connectionId: string): Promise<void> {
  await ctx.pool.query(
    `update runs set wake_at = now() + make_interval(secs => 60 * 10 ^ wakes), wakes = wakes + 1,
       failing_since = failing_since + (now() - held_at), held_at = null
     where waits_for = $1 and state = 'waiting' and wake_at = 'infinity'`,
    [connectionId],
  );
}

/** What failed under an older revision (a key that was renewed meanwhile) is not this connection's failure. */
export async function writeFailure(
  ctx: Context,
  input: { id: string; revision: number | undefined; failure: FailureView },
): Promise<void> {
  const { id, revision, failure } = input;
  await ctx.db
    .updateTable('connections')
    .set({
      failure: toJsonb({ ...failure, at: new Date().toISOString() }),
      ...(failure.kind === 'reconnect' ? { needs_reconnect: true } : {}),
    })
    .where('id', '=', id)
    .$if(revision !== undefined, (query) => query.where('revision', '=', revision ?? 0))
    .execute();
}

export async function writeHookCall(ctx: Context, id: string, refusal: FailureView | null): Promise<void> {
  await ctx.db
    .updateTable('connections')
    .set({
      hook_called_at: new Date(),
      ...(refusal ? { hook_refusal: toJsonb({ ...refusal, at: new Date().toISOString() }) } : {}),
    })
    .where('id', '=', id)
    .execute();
}

/** Flows that use a connection in their saved version or their draft, deleted ones apart. */
export async function readUsers(
  ctx: Context,
): Promise<{ connectionId: string; id: string; name: string; state: string }[]> {
  const { rows } = await ctx.pool.query<{ connection_id: string; id: string; name: string; state: string }>(`
    select distinct c.id as connection_id, f.id, f.name, f.state
    from flows f
    left join flow_versions v on v.id = f.version_id
    cross join lateral (
      select jsonb_path_query(d, '$.trigger.connection') #>> '{}' as id
      from (values (v.definition), (f.draft)) as definitions(d)
      union
      select jsonb_path_query(d, '$.steps[*].connection') #>> '{}'
      from (values (v.definition), (f.draft)) as definitions(d)
    ) as used
    join connections c on c.id::text = used.id
    where f.deleted_at is null
    order by f.name`);
  return rows.map(({ connection_id, ...flow }) => ({ connectionId: connection_id, ...flow }));
}

export async function deleteConnectionRow(ctx: Context, id: string): Promise<void> {
  await ctx.db.transaction().execute(async (tx) => {
    await tx.deleteFrom('triggers').where('connection_id', '=', id).execute();
    await tx.deleteFrom('connections').where('id', '=', id).execute();
  });
}
