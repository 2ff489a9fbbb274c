import type { FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Identify } from '../http/caller.ts';
import { personOfKey } from './api-keys.ts';
import { authOf } from './auth.ts';
import { cookiesOf } from './sessions.ts';

/** Who asks: by the API key when there is one, else by the session cookie; a wrong key never falls back to a cookie. */
export const identifyBy =
  (ctx: Context): Identify =>
  async (request) => {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) return { caller: await callerByKey(ctx, authorization), cookies: [] };
    if (!cookie?.includes('mostik.session_token=')) return { caller: null, cookies: [] };
    return callerBySession(ctx, request);
  };

async function callerByKey(ctx: Context, authorization: string) {
  const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const person = key === undefined ? null : await personOfKey(ctx, key);
  return person && { person, by: 'key' as const };
}

async function callerBySession(ctx: Context, request: FastifyRequest): ReturnType<Identify> {
  const auth = await authOf(ctx);
  const { headers, response } = await auth.api.getSession({ headers: cookiesOf(request), returnHeaders: true });
  const cookies = headers.getSetCookie();
  if (!response) return { caller: null, cookies };
  const { id, email, name, language, zone, administrator } = response.user;
  const person = {
    id,
    email,
    name,
    language: language === 'ru' ? ('ru' as const) : ('en' as const),
    zone,
    administrator,
  };
  return { caller: { person, by: 'session' }, cookies };
}
