import type { Client } from 'pg';

/** Days as `tendHistory` makes them, and runs as the walk leaves them, evenly over the days. Gives the seconds it took. */
export async function fillHistory(
  database: Client,
  { runs, flows, days }: { runs: number; flows: number; days: number },
): Promise<number> {
  const started = performance.now();
  await database.query(`set timezone = 'UTC'`);
  for (let back = days; back >= -3; back -= 1) {
    await database.query(`
      do $$
      declare day date := current_date - ${back};
      begin
        execute format('create table if not exists run_history_%s partition of run_history for values from (%L) to (%L)',
          to_char(day, 'YYYYMMDD'), day::timestamptz, (day + 1)::timestamptz);
      exception when check_violation then
        -- Runs of this day lie in the default partition already; its others may lie there too.
        null;
      end $$`);
  }
  const chunk = Math.ceil(runs / days);
  for (let from = 1; from <= runs; from += chunk) {
    await database.query(insertRuns, [from, Math.min(runs, from + chunk - 1), runs, flows, days]);
  }
  await database.query('vacuum analyze run_history');
  return Math.round((performance.now() - started) / 1000);
}

/** Run i, the newest last: 5 in 1,000 skipped, 2 in 10 filtered, else done. */
const insertRuns = `
  insert into run_history (id, flow_id, version_id, record_key, record_type, record_id, record_label, event, source, payload,
    state, progress, reason, attempts, created_at, finished_at, words)
  select i, ('00000000-0000-4000-8000-' || lpad((i % $4)::text, 12, '0'))::uuid, 1, 'deal:' || 1000000 + i, 'deal',
    (1000000 + i)::text, 'Заявка ' || 1000000 + i || ' имя' || i % 500, 'deal.changed', 'webhook', null,
    case when i % 200 = 0 then 'skipped' when i % 5 = 0 then 'filtered' else 'done' end,
    '{"steps":{},"trace":[]}', '{"code":"created","text":{"en":"Created","ru":"Создано"}}', 1, at, at,
    array_to_tsvector(array[i::text, (1000000 + i)::text, (5000000 + i)::text, '7999' || lpad(i::text, 7, '0'),
      'client-' || i || '@example.com', 'заявка', 'имя' || i % 500, 'семья' || i % 7919, 'москва', 'улица' || i % 997,
      (i * 37 % 100000)::text, 'ремонт', 'печь', 'c' || i % 7, 'новая', 'сервис' || i % 11, 'дом' || i % 211, 'ооо',
      'ромашка' || i % 20011, 'договор-' || i])
  from (select i, now() - make_interval(secs => ($3 - i)::float8 / $3 * $5 * 86400) as at
    from generate_series($1::int, $2::int) as i) as rows`;
