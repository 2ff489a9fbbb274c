import { setTimeout as delay } from 'node:timers/promises';
import type { Session } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { Context } from '../context.ts';

/** How long one process may take to renew before another tries. */
const renewalSeconds = 30;

/** The token of one connection: sealed in the database, renewed by one process while the others wait for it. */
export function connectionSession(ctx: Context, connectionId: string): Session {
  let known: { token: string; expiresAt: Date } | null = null;
  const usable = (stale: string | undefined) =>
    known !== null && known.token !== stale && known.expiresAt.getTime() > Date.now() ? known.token : null;

  async function read(): Promise<void> {
    const row = await ctx.db
      .selectFrom('connection_sessions')
      .select(['token', 'expires_at'])
      .where('connection_id', '=', connectionId)
      .executeTakeFirst();
    known = row?.token && row.expires_at ? { token: ctx.sealer.open(row.token), expiresAt: row.expires_at } : null;
  }

  /** True for the one process that may renew now. */
  async function claimRenewal(): Promise<boolean> {
    const { rowCount } = await ctx.pool.query(
      `insert into connection_sessions (connection_id, renewing_until)
       values ($1, now() + make_interval(secs => $2))
       on conflict (connection_id) do update set renewing_until = excluded.renewing_until
       where connection_sessions.renewing_until is null or connection_sessions.renewing_until < now()`,
      [connectionId, renewalSeconds],
    );
    return rowCount === 1;
  }

  async function write(renewed: { token: string; expiresAt: Date } | null): Promise<void> {
    await ctx.pool.query(
      `update connection_sessions set renewing_until = null, token = coalesce($2, token), expires_at = coalesce($3, expires_at)
       where connection_id = $1`,
      [connectionId, renewed ? ctx.sealer.seal(renewed.token) : null, renewed?.expiresAt ?? null],
    );
  }

  return {
    async token(renew, stale) {
      const deadline = Date.now() + renewalSeconds * 1000;
      for (;;) {
        const live = usable(stale);
        if (live) return live;
        await read();
        const stored = usable(stale);
        if (stored) return stored;
        if (await claimRenewal()) {
          try {
            // Another process may have been done with it between our look and our claim.
            await read();
            const fresh = usable(stale);
            if (fresh) {
              await write(null);
              return fresh;
            }
            const renewed = await renew();
            await write(renewed);
            known = renewed;
            return renewed.token;
          } catch (error) {
            await write(null);
            throw error;
          }
        }
        if (Date.now() > deadline) {
          throw new ConnectorError({
            kind: 'temporary',
            code: 'session.busy',
            text: {
              en: 'The access token is being renewed by another process and did not come in time.',
              ru: 'Токен доступа обновляет другой процесс, и он не успел вовремя.',
            },
          });
        }
        await delay(100);
      }
    },
  };
}

/** The token of a connection that is only being tried. */
export function passingSession(): Session {
  let token: string | null = null;
  return {
    async token(renew, stale) {
      if (token === null || token === stale) token = (await renew()).token;
      return token;
    },
  };
}
