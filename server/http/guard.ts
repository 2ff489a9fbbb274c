import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, Identify } from './caller.ts';
import type { Right } from './contract.ts';
import { Problem } from './problem.ts';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Guards everything under /api before its body is read, its schema checked or a 404 told: strangers learn nothing of
 * what exists. A path nobody registered counts as one for known people; a route that says no right does not start.
 */
export function guardApi(app: FastifyInstance, options: { identify: Identify; publicUrl: string | null }): void {
  app.decorateRequest('caller', null);
  app.decorate('endpoints', []);
  app.addHook('onRoute', (route) => {
    if (!isApiPath(route.url)) return;
    const right = route.config?.right;
    if (!right) throw new Error(`${String(route.method)} ${route.url} does not say which right it needs`);
    for (const method of [route.method].flat()) app.endpoints.push({ method, path: route.url, right });
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!isApiRequest(request)) return;
    reply.header('cache-control', 'no-store');
    refuseOtherOrigins(request, options.publicUrl);
    const right = request.routeOptions.config.right ?? 'signedIn';
    if (right === 'public') return;
    const { caller, cookies } = await options.identify(request);
    if (cookies.length > 0) reply.header('set-cookie', cookies);
    request.caller = allow(right, caller, reply);
  });
}

const isApiPath = (path: string): boolean => path === '/api' || path.startsWith('/api/');

/** By the route that was found, since `/%61pi` finds the same one; by the address where only the web's `/*` was. */
export function isApiRequest(request: FastifyRequest): boolean {
  const { url: pattern } = request.routeOptions;
  if (pattern !== undefined && pattern !== '/*') return isApiPath(pattern);
  const path = request.url.split('?', 1)[0] ?? '';
  try {
    return isApiPath(decodeURIComponent(path));
  } catch {
    return isApiPath(path);
  }
}

function allow(right: Exclude<Right, 'public'>, caller: Caller | null, reply: FastifyReply): Caller {
  if (!caller) {
    // RFC 9110, 11.6.1: a 401 names at least one way to authenticate.
    reply.header('www-authenticate', 'Bearer');
    throw new Problem({
      status: 401,
      code: 'accounts.not_signed_in',
      text: { en: 'Sign in to do this.', ru: 'Войдите, чтобы сделать это.' },
    });
  }
  if (right === 'administrator' && !caller.person.administrator) {
    throw new Problem({
      status: 403,
      code: 'accounts.administrator_only',
      text: { en: 'Only an administrator may do this.', ru: 'Это может сделать только администратор.' },
    });
  }
  return caller;
}

/**
 * A browser adds the session cookie by itself, so a write must come from our own pages. Browsers say where a request
 * comes from in Sec-Fetch-Site and Origin; programs send neither, and a cookie that is SameSite=Lax is not added by a
 * browser so old that it says nothing. An API key is never added by itself.
 */
function refuseOtherOrigins(request: FastifyRequest, publicUrl: string | null): void {
  if (reading.has(request.method) || request.headers.authorization !== undefined) return;
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  const origin = request.headers.origin;
  if (site === undefined && (origin === undefined || isOurs(origin, request.host, publicUrl))) return;
  throw new Problem({
    status: 403,
    code: 'http.other_origin',
    text: {
      en: 'This request came from a page of another site and was refused.',
      ru: 'Запрос пришёл со страницы другого сайта и отклонён.',
    },
  });
}

function isOurs(origin: string, host: string, publicUrl: string | null): boolean {
  const url = URL.parse(origin);
  if (!url) return false;
  return url.host === host || (publicUrl !== null && url.origin === new URL(publicUrl).origin);
}
