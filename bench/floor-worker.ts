import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';
import { Agent, request } from 'undici';

const pool = new Pool({ connectionString: process.env.FLOOR_DATABASE, max: 10 });
const target = process.env.FLOOR_TARGET ?? '';
const dispatcher = new Agent({ connections: 64, pipelining: 1, keepAliveTimeout: 30_000 });

interface Event {
  id: string;
  body: { name: string; email: string; phone: string; amount: number; stage: string; comment: string };
}

async function runOne({ id, body }: Event): Promise<{ id: string; history: string }> {
  if (!body.stage.startsWith('service')) return { id, history: JSON.stringify({ state: 'filtered', body }) };
  const found = await request(`${target}/items?email=${encodeURIComponent(body.email)}`, { dispatcher });
  const items = (await found.body.json()) as unknown[];
  if (items.length > 0) return { id, history: JSON.stringify({ state: 'skipped', body, items }) };
  const sent = {
    title: `Заявка ${body.name}`,
    name: body.name,
    email: body.email,
    phone: body.phone,
    amount: body.amount,
    comment: body.comment,
  };
  const created = await request(`${target}/items`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sent),
    dispatcher,
  });
  const answer = await created.body.json();
  return { id, history: JSON.stringify({ state: 'done', body, items, sent, answer }) };
}

for (;;) {
  const { rows } = await pool.query<Event>({
    name: 'claim',
    text: `update floor_queue set state = 'working' where id in (
      select id from floor_queue where state = 'queued' order by id limit 64 for update skip locked) returning id, body`,
  });
  if (rows.length === 0) {
    await delay(5);
    continue;
  }
  const done = await Promise.all(rows.map(runOne));
  await pool.query({
    name: 'finish',
    text: `with finished as (delete from floor_queue where id = any($1::bigint[]) returning id)
      insert into floor_history (id, body) select * from unnest($1::bigint[], $2::jsonb[])`,
    values: [done.map(({ id }) => id), done.map(({ history }) => history)],
  });
}
