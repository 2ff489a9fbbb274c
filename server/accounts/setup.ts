import { createHash, randomInt } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import type { FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { addPerson, checkZone, type NewPerson } from './people.ts';

export async function isSetUp(ctx: Context): Promise<boolean> {
  return (await ctx.db.selectFrom('setup').select('done').executeTakeFirst()) !== undefined;
}

/** A new one-time code for the start-up log; null once the first administrator exists. */
export async function setupCode(ctx: Context): Promise<string | null> {
  if (await isSetUp(ctx)) return null;
  const code = makeCode();
  await ctx.db
    .insertInto('setup_codes')
    .values({ hash: hashOf(code) })
    .execute();
  return code;
}

/** Without letters and digits that look alike: 60 bits, in groups of four. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

const makeCode = (): string =>
  Array.from({ length: 12 }, () => alphabet.charAt(randomInt(alphabet.length)))
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-');

const hashOf = (code: string): string =>
  createHash('sha256')
    .update(code.toUpperCase().replace(/[^A-Z0-9]/g, ''))
    .digest('hex');

/**
 * Whoever sits at this computer may set up without the code. A forwarding header means that a proxy on this computer
 * speaks for somebody elsewhere, and a foreign Host that a page elsewhere rebound its name to this address.
 */
export function isLocalVisit(request: FastifyRequest): boolean {
  const { remoteAddress } = request.raw.socket;
  return (
    remoteAddress !== undefined &&
    isLoopbackAddress(remoteAddress) &&
    isLoopbackHost(request.raw.headers.host) &&
    !Object.keys(request.raw.headers).some((name) => forwarding.test(name))
  );
}

const isLoopbackAddress = (address: string): boolean =>
  address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);

const isLoopbackHost = (host: string | undefined): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host ?? '');

const forwarding =
  /^(forwarded|via|x-forwarded($|-.*)|x-real-ip|x-client-ip|x-cluster-client-ip|x-original-.*|true-client-ip|cf-.*|fastly-client-ip|x-envoy-.*)$/;

/** Lets the visitor go on, or says what is missing. */
export async function maySetUp(ctx: Context, request: FastifyRequest, code: string | undefined): Promise<void> {
  if (await isSetUp(ctx)) throw alreadyDone();
  if (isLocalVisit(request)) return;
  if (code !== undefined && (await isGoodCode(ctx, code))) return;
  throw new Problem({
    status: 403,
    code: code === undefined ? 'accounts.setup_code_needed' : 'accounts.setup_code_wrong',
    text: {
      en: 'Enter the one-time code that the program printed when it started.',
      ru: 'Введите одноразовый код, который программа напечатала при запуске.',
    },
  });
}

async function isGoodCode(ctx: Context, code: string): Promise<boolean> {
  const row = await ctx.db.selectFrom('setup_codes').select('hash').where('hash', '=', hashOf(code)).executeTakeFirst();
  return row !== undefined;
}

const alreadyDone = (): Problem =>
  new Problem({
    status: 409,
    code: 'accounts.already_set_up',
    text: {
      en: 'The first administrator already exists. Sign in.',
      ru: 'Первый администратор уже есть. Войдите.',
    },
  });

/** Makes the first administrator and returns their id. Of two at the same moment one wins, the other is refused. */
export async function makeFirstAdministrator(ctx: Context, person: NewPerson & { password: string }): Promise<string> {
  checkZone(person.zone);
  const { password, email, name, language, zone } = person;
  const passwordHash = await hashPassword(password);
  return ctx.db.transaction().execute(async (transaction) => {
    const id = await addPerson(transaction, { email, name, language, zone, administrator: true, passwordHash }).catch(
      (error: Error & { code?: string }) => {
        // 23505 unique_violation: the other one had the same e-mail.
        throw error.code === '23505' ? alreadyDone() : error;
      },
    );
    const won = await transaction
      .insertInto('setup')
      .values({ person_id: id })
      .onConflict((conflict) => conflict.doNothing())
      .returning('done')
      .executeTakeFirst();
    if (!won) throw alreadyDone();
    await transaction.deleteFrom('setup_codes').execute();
    return id;
  });
}

/** Makes the first administrator of MOSTIK_ADMIN_EMAIL and MOSTIK_ADMIN_PASSWORD; one that exists is left as it is. */
export async function ensureAdministrator(ctx: Context): Promise<void> {
  const { adminEmail, adminPassword } = ctx.config;
  if (adminEmail === null || adminPassword === null || (await isSetUp(ctx))) return;
  try {
    await makeFirstAdministrator(ctx, {
      email: adminEmail,
      password: adminPassword,
      name: 'Administrator',
      language: null,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
  } catch (error) {
    // Another process that started at the same moment was faster.
    if (!(error instanceof Problem && error.code === 'accounts.already_set_up')) throw error;
  }
}
