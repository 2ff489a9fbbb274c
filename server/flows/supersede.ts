import type { Pool, PoolClient } from 'pg';

/**
 * A newer state of a record takes the place of a run that waits and has not called out yet: the older one would only
 * do stale work. Happenings of their own ("entered stage") are never superseded: they do not coalesce.
 */
export async function supersede(
  client: Pool | PoolClient,
  newer: { id: string; flow_id: string; record_key: string }[],
): Promise<void> {
  if (newer.length === 0) return;
  await client.query(
    `with superseded as (
      delete from runs r
      using (
        select older.id from runs older
        join unnest($1::uuid[], $2::text[], $3::bigint[]) as n(flow_id, record_key, id)
          on older.flow_id = n.flow_id and older.record_key = n.record_key and older.id < n.id
        where older.state = 'waiting' and older.coalesces and not older.called
        for update of older skip locked) as stale
      where r.id = stale.id
      returning r.*),
    -- The state it took was never acted upon: the newer run must not find it "unchanged".
    untaken as (update record_states s set hash = '' from superseded where s.run_id = superseded.id)
    insert into run_history (id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event,
      source, delivery_id, payload, state, progress, reason, attempts, root_id, rerun_of, create_again, created_at, words, finished_at)
    select id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source, delivery_id,
      payload, 'skipped', progress, $4::jsonb, attempts, root_id, rerun_of, create_again, created_at, words, now()
    from superseded`,
    [
      newer.map((row) => row.flow_id),
      newer.map((row) => row.record_key),
      newer.map((row) => row.id),
      JSON.stringify({
        code: 'superseded',
        text: {
          en: 'While it waited, the record changed again; the newer run took its place.',
          ru: 'Пока операция ждала, запись снова изменилась; её место заняла более новая операция.',
        },
      }),
    ],
  );
}
