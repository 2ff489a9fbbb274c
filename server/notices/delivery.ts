import type { Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import { alertQueue } from '../notice.ts';
import { sendAlert, type Way } from './alerts.ts';
import type { NoticeKind } from './contract.ts';

const ways: Way[] = ['mail', 'webhook'];

/**
 * Alerts go out at once, and again every few minutes, up to an hour, until each way has taken them or a day is over. The
 * second look also finds notices whose alert was never asked for: their process died in between.
 */
export function registerAlertJobs(ctx: Context): void {
  ctx.jobs.work(alertQueue, (data) => deliver(ctx, (data as { notice: string }).notice));
  ctx.jobs.work('alerts-unsent', () => deliverUnsent(ctx));
  ctx.jobs.schedule('alerts-unsent', '* * * * *');
}

export async function deliverUnsent(ctx: Context): Promise<void> {
  const { rows } = await ctx.pool.query<{ id: string }>(
    `select id from notices
     where sent_at is null and settled_at is null and send_next_at <= now() and at > now() - interval '1 day'
     order by id limit 100`,
  );
  for (const { id } of rows) await deliver(ctx, id);
}

interface Unsent {
  kind: NoticeKind;
  text: Text;
  flow_id: string | null;
  connection_id: string | null;
  sent_ways: Way[];
}

/** By the ways that have not taken it yet. Whoever moves the time of the next try on is the one who sends. */
async function deliver(ctx: Context, id: string): Promise<void> {
  const { rows } = await ctx.pool.query<Unsent>(
    `update notices set send_tries = send_tries + 1,
       send_next_at = now() + least(interval '1 hour', interval '1 minute' * 2 ^ send_tries)
     where id = $1 and sent_at is null and send_next_at <= now()
     returning kind, text, flow_id, connection_id, sent_ways`,
    [id],
  );
  const [row] = rows;
  if (!row) return;
  const path = row.flow_id ? `/flows/${row.flow_id}` : `/connections/${row.connection_id ?? ''}`;
  const results = await sendAlert(ctx, { kind: row.kind, text: row.text, path }, row.sent_ways);
  const sent = ways.filter((way) => results[way]?.sent === true);
  const failed = ways.flatMap((way) => (results[way]?.sent === false ? [[way, results[way].text] as const] : []));
  await ctx.pool.query(
    `update notices set sent_ways = sent_ways || $2::text[], send_failure = $3::jsonb,
       sent_at = case when $3::jsonb is null then now() end
     where id = $1`,
    [id, sent, failed.length > 0 ? toJsonb(Object.fromEntries(failed)) : null],
  );
}
