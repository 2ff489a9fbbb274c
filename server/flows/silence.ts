import { fill } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { quoted, raiseNotice, settleNotice } from '../notice.ts';

/** A rhythm needs to have been heard in so many stretches of ten minutes. */
const fewestBeats = 8;

/** The latest event of a flow before a moment, within two weeks; a range of one flow, as in views.ts: only the index by flow has that order. */
const eventBefore = (flowId: string, moment: string) => `(
  select max(created_at) as at from (
    (select created_at from runs where flow_id >= ${flowId} and flow_id <= ${flowId} and source in ('webhook', 'poll')
       and created_at < ${moment} and created_at > now() - interval '14 days' order by flow_id, created_at desc limit 1)
    union all
    (select created_at from run_history where flow_id >= ${flowId} and flow_id <= ${flowId} and source in ('webhook', 'poll')
       and created_at < ${moment} and created_at > now() - interval '14 days' order by flow_id, created_at desc limit 1)) as latest)`;

/**
 * Tells of triggers that have been silent for half as long again as their longest gap of the last two weeks: nights and
 * weekends are gaps of the rhythm, not silence. A saved connection proves nothing: what stops an app's calls without a
 * word shows only here. The two weeks are gone through backwards, from one stretch of ten minutes with an event to the
 * one before, so that a busy flow costs no more than its two thousand stretches.
 */
export async function watchSilence(ctx: Context): Promise<void> {
  const { rows } = await ctx.pool.query<{
    flow_id: string;
    name: string;
    hours: number;
    is_silent: boolean;
    is_over: boolean;
  }>(
    `with recursive watched as (
       select t.flow_id, f.name, t.event_at, t.started_at from triggers t join flows f on f.id = t.flow_id
       where t.active and f.deleted_at is null),
     beats as (
       select w.flow_id, e.at from watched w cross join lateral ${eventBefore('w.flow_id', 'now()')} as e where e.at is not null
       union all
       select b.flow_id, e.at from beats b
       cross join lateral ${eventBefore('b.flow_id', `date_bin('10 minutes', b.at, 'epoch')`)} as e where e.at is not null),
     rhythm as (
       select flow_id, count(*) as beats, max(at) as latest, extract(epoch from max(gap)) as longest
       from (select flow_id, at, at - lag(at) over (partition by flow_id order by at) as gap from beats) as gaps
       group by flow_id)
     select w.flow_id, w.name, round(silent.seconds / 3600) as hours,
       coalesce(r.beats >= ${fewestBeats} and silent.seconds > greatest(3600, r.longest * 1.5 + 600), false) as is_silent,
       coalesce(greatest(r.latest, w.event_at) > n.at, false) as is_over
     from watched w left join rhythm r on r.flow_id = w.flow_id
     left join notices n on n.kind = 'trigger.silent' and n.subject = w.flow_id::text and n.settled_at is null
     cross join lateral (
       select extract(epoch from now() - greatest(r.latest, w.event_at, w.started_at)) as seconds) as silent`,
  );
  for (const row of rows) {
    if (row.is_silent) await raiseNotice(ctx, { kind: 'trigger.silent', flowId: row.flow_id, text: silentWords(row) });
    // A silence so long that nothing is known of its rhythm any more is still one.
    else if (row.is_over) await settleNotice(ctx, { kinds: ['trigger.silent'], flowId: row.flow_id });
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
