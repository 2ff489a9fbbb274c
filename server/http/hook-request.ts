import type { FastifyRequest } from 'fastify';
import qs from 'qs';
import type { Json } from '../../kit/field.ts';
import { parseJson, TooDeep } from '../../kit/json.ts';
import type { HookRequest } from '../../kit/webhook.ts';
import { tooDeep } from './body.ts';

/** Headers worth keeping beside a body; the rest says nothing of what happened. */
const keptHeaders = /^(content-type|user-agent|x-.*|idempotency-key)$/;

export function readHookRequest(request: FastifyRequest): HookRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) query[name] = String(value);
  const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return { method: request.method, headers, query, rawBody, body: parseBody(rawBody, headers['content-type'] ?? '') };
}

/** JSON, or a form with PHP brackets opened; null when it is neither. Apps often name no type, so JSON is tried anyway. */
function parseBody(rawBody: Buffer, contentType: string): Json {
  const text = rawBody.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') return {};
  // Media types know no letter case (RFC 9110, 8.3.1).
  if (contentType.toLowerCase().includes('application/x-www-form-urlencoded')) {
    return qs.parse(text, { depth: 10, parameterLimit: 5000, arrayLimit: 1000 }) as Json;
  }
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof TooDeep) throw tooDeep();
    return null;
  }
}

/** Never stored, whatever a connection names: they hold sign-ins. */
const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** What is stored: known secret keys cut wherever they stand, and only headers that tell something or are named. */
export function cutSecrets(request: HookRequest, named: { secretKeys: string[]; keepHeaders: string[] }): HookRequest {
  const secret = new Set(named.secretKeys.map((key) => key.toLowerCase()));
  const cut = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(cut);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, part]) => (secret.has(key.toLowerCase()) ? [] : [[key, cut(part)]])),
    );
  };
  const strings = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).filter(([key]) => !secret.has(key.toLowerCase())));
  const isKept = (name: string) =>
    keptHeaders.test(name) || (named.keepHeaders.includes(name) && !secretHeaders.has(name));
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => isKept(name)));
  const rawBody = request.body === null ? unreadable(request.rawBody, secret) : request.rawBody;
  return { ...request, headers: strings(headers), query: strings(request.query), rawBody, body: cut(request.body) };
}

/** Nobody can tell where in a body of another format the secret ends, so of such a one only the size is kept. */
function unreadable(rawBody: Buffer, secretKeys: Set<string>): Buffer {
  const text = rawBody.toString('utf8').toLowerCase();
  const holdsSecret = [...secretKeys].some((key) => text.includes(key));
  return holdsSecret ? Buffer.from(`[${rawBody.length} bytes with a secret]`) : rawBody;
}
