import type { ConnectionContext, Connector, Memory, Session } from '../connector.ts';
import type { Json } from '../field.ts';
import type { FormValues } from '../form.ts';
import { createHttp, type Http } from '../http.ts';
import { createMemoryLimiter } from '../limiter.ts';

/** What a person would have filled in. */
export interface ConnectionForm {
  fields: FormValues;
  secrets: Record<string, string>;
  endpoints?: Record<string, string>;
}

export function createMemory(start: Record<string, Json> = {}): Memory {
  const kept = new Map<string, Json>(Object.entries(start));
  return {
    get: async (key) => kept.get(key),
    set: async (key, value) => void kept.set(key, value),
  };
}

/** A session of one process: renews when there is no token, it has ended, or it was refused. */
export function createSession(): Session {
  let live: { token: string; expiresAt: Date } | undefined;
  return {
    async token(renew, stale) {
      const ended = live === undefined || live.expiresAt.getTime() <= Date.now() || live.token === stale;
      if (ended) live = await renew();
      return (live as { token: string }).token;
    },
  };
}

const defaultEndpoints = (connector: Connector): Record<string, string> =>
  Object.fromEntries(
    connector.endpoints.flatMap((endpoint) => (endpoint.default ? [[endpoint.key, endpoint.default]] : [])),
  );

/** A connection for tests, with a limiter of its own; loopback is allowed, since stand-ins live there. */
export function testConnection(
  connector: Connector,
  form: ConnectionForm,
  options: { wrapHttp?: (http: Http) => Http; memory?: Memory; revision?: number } = {},
): ConnectionContext {
  const endpoints = { ...defaultEndpoints(connector), ...form.endpoints };
  const http = createHttp({
    limiter: createMemoryLimiter(),
    bucket: connector.limit({ fields: form.fields, secrets: form.secrets, endpoints }),
    secrets: Object.values(form.secrets),
    guard: connector.guarded ? { allowed: ['127.0.0.1'] } : null,
  });
  return {
    id: '00000000-0000-4000-8000-000000000001',
    revision: options.revision ?? 1,
    fields: form.fields,
    secrets: form.secrets,
    endpoints,
    http: options.wrapHttp?.(http) ?? http,
    memory: options.memory ?? createMemory(),
    session: createSession(),
    defaultCountry: 'RU',
  };
}
