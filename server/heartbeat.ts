import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Context } from './context.ts';

const everyMilliseconds = 5000;

/** Says every few seconds that this process lives; `readyz` asks for a living worker. */
export async function startHeartbeat(
  ctx: Context,
  roles: { serves: boolean; works: boolean },
): Promise<{ stop(): Promise<void> }> {
  const id = randomUUID();
  await ctx.pool.query(`delete from processes where beat_at < now() - interval '1 hour'`);
  const beat = () =>
    ctx.pool.query(
      `insert into processes (id, host, pid, version, serves, works) values ($1, $2, $3, $4, $5, $6)
       on conflict (id) do update set beat_at = now()`,
      [id, hostname(), process.pid, ctx.config.version, roles.serves, roles.works],
    );
  await beat();
  const timer = setInterval(() => {
    beat().catch((error: unknown) => ctx.log.warn({ err: error }, 'the heartbeat could not be written'));
  }, everyMilliseconds);
  return {
    async stop() {
      clearInterval(timer);
      await ctx.pool.query('delete from processes where id = $1', [id]);
    },
  };
}
