import type { FastifyInstance } from 'fastify';
import type { FormValues } from '../../kit/form.ts';
import type { Text } from '../../kit/text.ts';
import type { HookConnection, HookRequest, Webhook } from '../../kit/webhook.ts';
import { openSecrets, readConnectionByHook, writeHookCall } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { receiveHook } from '../flows/index.ts';
import { cutSecrets, readHookRequest } from './hook-request.ts';
import { Problem } from './problem.ts';

/** Bodies of calls from other apps; more is refused with 413. */
const bodyLimit = 1024 * 1024;
const noted = new Map<string, number>();

/** The inbound addresses: one a connection, `/hooks/{secret}`. A call is in the database before its sender hears 200. */
export async function registerHooks(app: FastifyInstance, ctx: Context): Promise<void> {
  await app.register(async (hooks) => {
    hooks.removeAllContentTypeParsers();
    // A logger of its own for each call takes 4 % of the time of one.
    hooks.setChildLoggerFactory((logger) => logger);
    hooks.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
    hooks.route<{ Params: { key: string }; Body: Buffer | undefined }>({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/hooks/:key',
      bodyLimit,
      config: { right: 'public' },
      handler: async (request, reply) => {
        const connection = await hookConnection(ctx, request.params.key).catch((error: unknown) => {
          throw notStored(ctx, error);
        });
        const webhook = connection ? ctx.shelf[connection.connector]?.webhook : undefined;
        if (!connection || !webhook) throw unknownAddress();
        const call = readHookRequest(request);
        const refusal = verify({ connection, webhook, call });
        await note(ctx, connection.id, refusal);
        if (refusal) throw new Problem(refusal);
        await take(ctx, { connection, webhook, call });
        return reply.code(200).send({ received: true });
      },
    });
  });
}

interface Called extends HookConnection {
  id: string;
  connector: string;
}

interface Call {
  connection: Called;
  webhook: Webhook;
  call: HookRequest;
}

/** A changed token or address counts after this long. */
const freshMilliseconds = 500;
const known = new WeakMap<Context, Map<string, { at: number; connection: Promise<Called | null> }>>();

/**
 * The connection behind an address, with its secrets opened: under load it is read twice a second, not at every call,
 * and calls that come meanwhile share the answer.
 */
function hookConnection(ctx: Context, key: string): Promise<Called | null> {
  const cache = known.get(ctx) ?? new Map<string, { at: number; connection: Promise<Called | null> }>();
  known.set(ctx, cache);
  const kept = cache.get(key);
  if (kept && performance.now() - kept.at < freshMilliseconds) return kept.connection;
  const connection = readCalled(ctx, key);
  cache.set(key, { at: performance.now(), connection });
  // Whoever tries addresses must not fill the memory.
  connection.then(
    (found) => found ?? cache.delete(key),
    () => cache.delete(key),
  );
  return connection;
}

async function readCalled(ctx: Context, key: string): Promise<Called | null> {
  const row = await readConnectionByHook(ctx, key);
  if (!row) return null;
  const { id, connector, identity } = row;
  return { id, connector, identity, fields: row.fields as FormValues, secrets: openSecrets(ctx, row) };
}

function verify(input: Call): { status: number; code: string; text: Text } | null {
  const verdict = input.webhook.verify(input.call, input.connection);
  return verdict.ok ? null : { status: verdict.status, code: verdict.code, text: verdict.text };
}

async function take(ctx: Context, input: Call): Promise<void> {
  const { connection, webhook, call } = input;
  const { secretKeys } = webhook;
  const cut = cutSecrets(call, { secretKeys, keepHeaders: webhook.keepHeaders?.(connection) ?? [] });
  const events = webhook.read(cut, connection);
  try {
    await receiveHook(ctx, { connectionId: connection.id, request: cut, events });
  } catch (error) {
    throw notStored(ctx, error, connection.id);
  }
}

/** Never a false 200: the sender is told to come again. */
function notStored(ctx: Context, error: unknown, connection?: string): Problem {
  ctx.log.error({ err: error, connection }, 'a call could not be stored');
  return new Problem({
    status: 503,
    code: 'hook.not_stored',
    text: {
      en: 'The call could not be stored. Send it again.',
      ru: 'Вызов не удалось сохранить. Отправьте его ещё раз.',
    },
  });
}

/** When a connection was called last, written down now and then; a refusal always. */
async function note(ctx: Context, connectionId: string, refusal: { code: string; text: Text } | null): Promise<void> {
  const last = noted.get(connectionId) ?? Number.NEGATIVE_INFINITY;
  if (!refusal && performance.now() - last < 5000) return;
  noted.set(connectionId, performance.now());
  // Whether the call is taken does not hang on this.
  await writeHookCall(ctx, connectionId, refusal ? { kind: 'rejected', ...refusal } : null).catch((error: unknown) =>
    ctx.log.warn({ err: error, connection: connectionId }, 'the time of a call could not be noted'),
  );
  ctx.live.tell({ kind: 'connection', id: connectionId });
}

const unknownAddress = () =>
  new Problem({
    status: 404,
    code: 'hook.unknown',
    text: { en: 'No connection has this address.', ru: 'Такого адреса нет ни у одного подключения.' },
  });
