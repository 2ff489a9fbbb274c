import type { Connector } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { FormValues } from '../../kit/form.ts';
import { createHttp } from '../../kit/http.ts';
import type { RecordType } from '../../kit/record-type.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { createDiscovery } from './discovery.ts';
import { connectionMemory, passingMemory } from './memory.ts';
import { connectionSession, passingSession } from './session.ts';
import { type ConnectionRow, openSecrets, readConnection } from './store.ts';

/** A connection ready to be used. */
export interface OpenConnection {
  id: string;
  /** Grows when the connection is changed: what failed under an older one says nothing of this one. */
  revision: number;
  name: string;
  connector: Connector;
  /** The connector's own, opaque here. */
  api: unknown;
  fields: FormValues;
  secrets: Record<string, string>;
  identity: string | null;
  needsReconnect: boolean;
  /** Why it must not be used whatever it answers; null: it may be. */
  blocked: ConnectorError | null;
  /** The limiter's bucket it shares with all connections of the same account. */
  bucketKey: string | null;
  /** Declared and discovered record types by key. */
  recordType(key: string): Promise<RecordType<unknown> | undefined>;
  /** Record types that only the live account knows. */
  discovered(fresh?: boolean): Promise<RecordType<unknown>[]>;
}

/** Processes look at the revision of a connection again after this long. */
const freshMilliseconds = 1000;

interface Kept {
  /** Null until the first look succeeded. */
  connection: OpenConnection | null;
  at: number;
  /** A look under way: whoever asks meanwhile shares it. */
  looking: Promise<OpenConnection> | null;
}
const opened = new WeakMap<Context, Map<string, Kept>>();

/** Opens a connection; what was opened stays open until the connection changes. */
export async function openConnection(ctx: Context, id: string): Promise<OpenConnection> {
  const cache = opened.get(ctx) ?? new Map<string, Kept>();
  opened.set(ctx, cache);
  const kept = cache.get(id) ?? { connection: null, at: 0, looking: null };
  cache.set(id, kept);
  if (kept.connection && performance.now() - kept.at < freshMilliseconds) return kept.connection;
  // A look that was begun before the connection was forgotten ends in a `kept` nobody asks any more.
  kept.looking ??= look(ctx, id, kept).finally(() => {
    kept.looking = null;
  });
  return kept.looking;
}

async function look(ctx: Context, id: string, kept: Kept): Promise<OpenConnection> {
  const row = await readConnection(ctx, id);
  if (!row) throw connectionGone();
  if (kept.connection?.revision !== row.revision) kept.connection = await open(ctx, row);
  kept.connection.needsReconnect = row.needs_reconnect;
  kept.connection.blocked = row.blocked && new ConnectorError({ kind: 'reconnect', ...row.blocked });
  kept.at = performance.now();
  return kept.connection;
}

/** Drops what this process has opened: the next use reads anew. */
export function forgetConnection(ctx: Context, id: string): void {
  opened.get(ctx)?.delete(id);
}

async function open(ctx: Context, row: ConnectionRow): Promise<OpenConnection> {
  const connector = connectorOf(ctx, row.connector);
  const secrets = openSecrets(ctx, row);
  const fields = row.fields as FormValues;
  const api = await connectApi(ctx, {
    id: row.id,
    revision: row.revision,
    connector,
    fields,
    secrets,
    endpoints: row.endpoints,
    passing: false,
  });
  const discovery = createDiscovery(connector, api);
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    connector,
    api,
    fields,
    secrets,
    identity: row.identity,
    needsReconnect: row.needs_reconnect,
    blocked: null,
    bucketKey: connector.limit({ fields, secrets, endpoints: endpointsOf(connector, row.endpoints) })?.key ?? null,
    async recordType(key) {
      const declared = connector.records[key];
      if (declared || !connector.discover) return declared as RecordType<unknown> | undefined;
      return discovery.find(key);
    },
    discovered: (fresh) => discovery.all(fresh),
  };
}

export function connectorOf(ctx: Context, key: string): Connector {
  const connector = ctx.shelf[key];
  if (!connector) {
    throw new ConnectorError({
      kind: 'rejected',
      code: 'connector.unknown',
      text: { en: `There is no app "${key}" in this version.`, ru: `Приложения «${key}» в этой версии нет.` },
    });
  }
  return connector;
}

function connectionGone(): ConnectorError {
  return new ConnectorError({
    // Nobody can renew it: a run that began with it waits for nothing.
    kind: 'noAccess',
    code: 'connection.deleted',
    text: {
      en: 'The connection was deleted. Choose another one on the card, then run this again with the current version.',
      ru: 'Подключение удалено. Выберите другое в карточке и запустите операцию заново с текущей версией.',
    },
  });
}

/** Puts defaults into endpoints and lets the connector build its API. `passing`: nothing is kept, for a form being tried. */
export async function connectApi(
  ctx: Context,
  input: {
    id: string;
    revision: number;
    connector: Connector;
    fields: FormValues;
    secrets: Record<string, string>;
    endpoints: Record<string, string>;
    passing: boolean;
  },
): Promise<unknown> {
  const { connector, fields, secrets } = input;
  const isOverridden = Object.values(input.endpoints).some((value) => value !== '');
  const endpoints = endpointsOf(connector, input.endpoints);
  const settings = await readSettings(ctx);
  return connector.connect({
    id: input.id,
    revision: input.revision,
    fields,
    secrets,
    endpoints,
    http: createHttp({
      limiter: ctx.limiter,
      bucket: connector.limit({ fields, secrets, endpoints }),
      secrets: Object.values(secrets),
      guard: connector.guarded || isOverridden ? { allowed: ctx.config.allowHosts } : null,
    }),
    memory: input.passing ? passingMemory() : connectionMemory(ctx, input.id),
    session: input.passing ? passingSession() : connectionSession(ctx, input.id),
    defaultCountry: settings.defaultCountry,
  });
}

/** Defaults, and what an administrator put in their place. */
export function endpointsOf(connector: Connector, overridden: Record<string, string>): Record<string, string> {
  const defaults = connector.endpoints.flatMap(({ key, default: value }) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries([...defaults, ...Object.entries(overridden).filter(([, value]) => value !== '')]);
}
