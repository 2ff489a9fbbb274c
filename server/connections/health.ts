import type { ConnectorError } from '../../kit/errors.ts';
import { tooLateCode } from '../../kit/http.ts';
import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { quoted, raiseNotice, settleNotice } from '../notice.ts';
import { forgetConnection, openConnection } from './open.ts';
import { readConnection, retryHeldRuns, writeFailure, writeWorked } from './store.ts';
import { withoutSecrets } from './without-secrets.ts';

/** A working connection is written down at most this often. */
const quietMilliseconds = 15_000;
const notedAt = new WeakMap<Context, Map<string, number>>();

/** The other side answered. */
export async function noteWorked(ctx: Context, connectionId: string): Promise<void> {
  const noted = notedAt.get(ctx) ?? new Map<string, number>();
  notedAt.set(ctx, noted);
  const last = noted.get(connectionId);
  if (last !== undefined && performance.now() - last < quietMilliseconds) return;
  noted.set(connectionId, performance.now());
  if (!(await writeWorked(ctx, connectionId))) return;
  // A refusal that passed by itself: nobody will reconnect.
  await settleNotice(ctx, { kinds: ['connection.reconnect'], connectionId, lapsed: true });
  await retryHeldRuns(ctx, connectionId);
  ctx.live.tell({ kind: 'connection', id: connectionId });
}

/**
 * The other side failed in a way that says something of the connection itself; refused data does not. Gives the failure
 * as it may be told and kept.
 */
export async function noteFailure(
  ctx: Context,
  connection: { id: string; revision?: number; secrets?: Record<string, string> },
  failure: ConnectorError,
): Promise<ConnectorError> {
  const { id: connectionId, revision } = connection;
  const error = withoutSecrets(failure, connection.secrets ?? (await secretsOf(ctx, connectionId)));
  if (error.kind === 'rejected' || error.kind === 'gone' || error.kind === 'startOver') return error;
  if (error.code === tooLateCode) return error;
  if (error.kind === 'rateLimited' && error.until && !error.onlyThisCall)
    await pauseBucket(ctx, connectionId, error.until);
  notedAt.get(ctx)?.delete(connectionId);
  await writeFailure(ctx, {
    id: connectionId,
    revision,
    failure: { kind: error.kind, code: error.code, text: error.text },
  });
  if (error.kind === 'reconnect') {
    forgetConnection(ctx, connectionId);
    await tellOwner(ctx, connectionId, error.text);
  }
  ctx.live.tell({ kind: 'connection', id: connectionId });
  return error;
}

/** None of a connection that cannot be opened: deleted, or sealed under another key, it sent nothing either. */
const secretsOf = (ctx: Context, id: string): Promise<Record<string, string>> =>
  openConnection(ctx, id).then(
    ({ secrets }) => secrets,
    () => ({}),
  );

async function tellOwner(ctx: Context, connectionId: string, why: Text): Promise<void> {
  const row = await readConnection(ctx, connectionId);
  // Renewed meanwhile: there is nothing to tell.
  if (!row?.needs_reconnect) return;
  const text = fill(
    {
      en: 'The connection "{name}" must be renewed; its flows wait. {why}',
      ru: 'Подключение «{name}» нужно обновить, его связки ждут. {why}',
    },
    { name: quoted(row.name), why },
  );
  await raiseNotice(ctx, { kind: 'connection.reconnect', connectionId, text });
}

/** One "too many requests" holds back every call of the account, in every process. */
async function pauseBucket(ctx: Context, connectionId: string, until: Date): Promise<void> {
  const { bucketKey } = await openConnection(ctx, connectionId);
  if (bucketKey !== null) await ctx.limiter.pause(bucketKey, until);
}
