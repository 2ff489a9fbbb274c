import { fill } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { quoted, raiseNotice, settleNotice } from '../notice.ts';

/** A rhythm needs this many events to be known. */
const fewestEvents = 8;
/** Events that are looked at, the latest of two weeks: nights and weekends are gaps of the rhythm, not silence. */
const mostEvents = 500;

/**
 * Tells of triggers that have been silent for half as long again as their longest gap of the last two weeks. A saved
 * connection proves nothing: what stops an app's calls without a word shows only here. A range of one flow, as in
 * views.ts: only the index by flow has that order.
 */
export async function watchSilence(ctx: Context): Promise<void> {
  const { rows } = await ctx.pool.query<{ flow_id: string; name: string; is_silent: boolean; hours: number }>(
    `select t.flow_id, f.name, rhythm.events >= ${fewestEvents} and silent.seconds > rhythm.longest * 1.5 + 600 as is_silent,
       round(silent.seconds / 3600) as hours
     from triggers t join flows f on f.id = t.flow_id
     cross join lateral (
       select count(*) as events, max(created_at) as latest,
         extract(epoch from max(created_at - before)) as longest
       from (
         select created_at, lag(created_at) over (order by created_at) as before from (
           (select created_at from runs where flow_id >= t.flow_id and flow_id <= t.flow_id and source in ('webhook', 'poll')
              and created_at > now() - interval '14 days' order by flow_id, created_at desc limit ${mostEvents})
           union all
           (select created_at from run_history where flow_id >= t.flow_id and flow_id <= t.flow_id and source in ('webhook', 'poll')
              and created_at > now() - interval '14 days' order by flow_id, created_at desc limit ${mostEvents})) as events
       ) as gaps) as rhythm
     cross join lateral (
       select extract(epoch from now() - greatest(rhythm.latest, t.event_at, t.started_at)) as seconds) as silent
     where t.active and f.deleted_at is null`,
  );
  for (const row of rows) {
    if (row.is_silent) await raiseNotice(ctx, { kind: 'trigger.silent', flowId: row.flow_id, text: silentWords(row) });
    else await settleNotice(ctx, { kinds: ['trigger.silent'], flowId: row.flow_id });
  }
}

const silentWords = ({ name, hours }: { name: string; hours: number }) =>
  fill(
    {
      en: 'The flow "{name}" has heard nothing for {hours} h, longer than ever in two weeks. Check that the app still sends its calls.',
      ru: 'Связка «{name}» ничего не слышала {hours} ч — дольше, чем за последние две недели. Проверьте, что приложение по-прежнему присылает вызовы.',
    },
    { name: quoted(name), hours: Number(hours) },
  );

/** The attention list of a flow is empty again: its notice is settled. */
export async function settleAttention(ctx: Context): Promise<void> {
  const { rows } = await ctx.pool.query<{ flow_id: string }>(
    `update notices n set settled_at = now()
     where n.kind = 'runs.attention' and n.settled_at is null
       and not exists (select 1 from runs r where r.flow_id = n.flow_id and r.state in ('rejected', 'dead', 'unknown'))
     returning n.flow_id`,
  );
  for (const { flow_id } of rows) ctx.live.tell({ kind: 'flow', id: flow_id });
}
