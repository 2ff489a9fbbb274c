import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

const openStates = `('queued', 'working', 'calling', 'waiting')`;

/** A look into the app's database that outlives nothing: each question has a connection of its own. */
export async function askDatabase<Row extends object>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url, application_name: 'chaos', connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/**
 * Waits until no run is open. `hurry`: waits between tries are cut short, as if that time had passed; what is done at the
 * end of a wait stays the same.
 */
export async function untilDone(input: { url: string; seconds: number; hurry: boolean }): Promise<void> {
  const until = performance.now() + input.seconds * 1000;
  for (;;) {
    if (input.hurry)
      await askDatabase(input.url, `update runs set wake_at = now() where state = 'waiting' and wake_at <> 'infinity'`);
    const rows = await askDatabase<{ state: string; n: number }>(
      input.url,
      `select state, count(*)::int as n from runs where state in ${openStates} group by state`,
    );
    if (rows.length === 0) return;
    if (performance.now() > until) {
      throw new Error(`Not finished in time: ${rows.map(({ state, n }) => `${n} ${state}`).join(', ')}.`);
    }
    await delay(250);
  }
}

/** Runs that a process has in hand; owners are named by host, process and a number. */
export async function heldBy(url: string, pid: number): Promise<number> {
  const [row] = await askDatabase<{ n: number }>(
    url,
    `select count(*)::int as n from runs where state in ('working', 'calling') and owner like '% ' || $1 || ' %'`,
    [String(pid)],
  );
  return row?.n ?? 0;
}

/** As if a process had been silent for longer than its lease. */
export async function ageLeases(url: string, pid: number): Promise<void> {
  await askDatabase(
    url,
    `update runs set lease_until = now() - interval '1 second'
     where state in ('working', 'calling') and owner like '% ' || $1 || ' %'`,
    [String(pid)],
  );
}
