import { APIError } from 'better-auth/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { authOf } from './auth.ts';
import { byAddress, byEmail, slowly } from './slow-down.ts';

interface Credentials {
  email: string;
  password: string;
}

/** Signs in, slowed down by address and by e-mail; returns the person's id. */
export async function signIn(
  ctx: Context,
  { request, reply, ...credentials }: Credentials & { request: FastifyRequest; reply: FastifyReply },
): Promise<string> {
  const opened = await slowly(ctx, [byAddress(request.ip), byEmail(credentials.email)], () =>
    openSession(ctx, { request, ...credentials }),
  );
  if (!opened) {
    // One answer for an unknown e-mail and a wrong password; better-auth hashes in both cases, so the time is one too.
    throw new Problem({
      status: 401,
      code: 'accounts.wrong_password',
      text: { en: 'The e-mail or the password is wrong.', ru: 'Неверная почта или пароль.' },
    });
  }
  await ctx.db.deleteFrom('sessions').where('expires_at', '<', new Date()).execute();
  reply.header('set-cookie', opened.cookies);
  return opened.personId;
}

/** A new session for somebody who has just proven who they are; null when the password is wrong. */
async function openSession(
  ctx: Context,
  { request, email, password }: Credentials & { request: FastifyRequest },
): Promise<{ personId: string; cookies: string[] } | null> {
  const auth = await authOf(ctx);
  try {
    const { headers, response } = await auth.api.signInEmail({
      body: { email, password },
      headers: new Headers({ 'user-agent': request.headers['user-agent'] ?? '' }),
      returnHeaders: true,
    });
    return { personId: response.user.id, cookies: headers.getSetCookie() };
  } catch (error) {
    if (error instanceof APIError && error.statusCode === 401) return null;
    throw error;
  }
}

/** Gives the browser a new session, after set-up or a change of password. */
export async function renewSession(
  ctx: Context,
  { request, reply, ...credentials }: Credentials & { request: FastifyRequest; reply: FastifyReply },
): Promise<void> {
  const opened = await openSession(ctx, { request, ...credentials });
  if (opened) reply.header('set-cookie', opened.cookies);
}

/** Ends the browser's session. */
export async function signOut(ctx: Context, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const auth = await authOf(ctx);
  const { headers } = await auth.api.signOut({ headers: cookiesOf(request), returnHeaders: true });
  reply.header('set-cookie', headers.getSetCookie());
}

export const cookiesOf = (request: FastifyRequest): Headers => new Headers({ cookie: request.headers.cookie ?? '' });
