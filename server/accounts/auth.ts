import { randomBytes } from 'node:crypto';
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { type Kysely, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Tables } from '../db/tables.ts';

type Auth = ReturnType<typeof createAuth>;

const auths = new WeakMap<Context, Promise<Auth>>();

/** better-auth over our database: sessions and passwords. Its own HTTP handler is never mounted. */
export function authOf(ctx: Context): Promise<Auth> {
  const known = auths.get(ctx);
  if (known) return known;
  const made = cookieSecret(ctx).then((secret) => createAuth(ctx, secret));
  auths.set(ctx, made);
  // A database that was away for a moment must not be remembered as a failure.
  made.catch(() => auths.delete(ctx));
  return made;
}

const dayInSeconds = 24 * 60 * 60;

const times = { createdAt: 'created_at', updatedAt: 'updated_at' };

function createAuth(ctx: Context, secret: string) {
  const { publicUrl } = ctx.config;
  return betterAuth({
    appName: 'Mostik',
    baseURL: publicUrl ?? 'http://localhost',
    secret,
    database: { db: ctx.db as unknown as Kysely<Tables>, type: 'postgres' },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: {
      level: 'error',
      log: (_level, message) => ctx.log.error({ from: 'better-auth' }, message),
    },
    advanced: {
      cookiePrefix: 'mostik',
      useSecureCookies: publicUrl?.startsWith('https://') ?? false,
      ipAddress: { disableIpTracking: true },
    },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 200 },
    session: {
      modelName: 'sessions',
      fields: {
        ...times,
        userId: 'person_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
      },
      expiresIn: 30 * dayInSeconds,
      updateAge: dayInSeconds,
    },
    user: {
      modelName: 'people',
      fields: { ...times, emailVerified: 'email_verified' },
      additionalFields: {
        language: { type: 'string', required: true, input: false },
        zone: { type: 'string', required: true, input: false },
        administrator: { type: 'boolean', required: true, input: false },
      },
    },
    account: {
      modelName: 'credentials',
      fields: {
        ...times,
        userId: 'person_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
      },
    },
    verification: { modelName: 'verifications', fields: { ...times, expiresAt: 'expires_at' } },
    plugins: [
      apiKey({
        // Its default would be ten calls per key and day.
        rateLimit: { enabled: false },
        defaultPrefix: 'mostik_',
        startingCharactersConfig: { shouldStore: true, charactersLength: 12 },
        maximumNameLength: 100,
        schema: {
          apikey: {
            modelName: 'api_keys',
            fields: {
              ...times,
              configId: 'config_id',
              referenceId: 'reference_id',
              refillInterval: 'refill_interval',
              refillAmount: 'refill_amount',
              lastRefillAt: 'last_refill_at',
              rateLimitEnabled: 'rate_limit_enabled',
              rateLimitTimeWindow: 'rate_limit_time_window',
              rateLimitMax: 'rate_limit_max',
              requestCount: 'request_count',
              lastRequest: 'last_request',
              expiresAt: 'expires_at',
            },
          },
        },
      }),
    ],
  });
}

/** Signs the session cookies: made once for the installation, sealed, the same in every process. */
async function cookieSecret(ctx: Context): Promise<string> {
  const fresh = ctx.sealer.seal(randomBytes(32).toString('base64url'));
  const { rows } = await sql<{ sealed: Buffer }>`
    with made as (
      insert into cookie_secret (sealed) values (${fresh}) on conflict do nothing returning sealed
    )
    select sealed from made union all select sealed from cookie_secret limit 1`.execute(ctx.db);
  const sealed = rows[0]?.sealed;
  // Another process made it in the same instant, after this statement's snapshot was taken.
  if (!sealed) return cookieSecret(ctx);
  return ctx.sealer.open(sealed);
}
