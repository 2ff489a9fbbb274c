import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, forkScript, temporaryFolder } from '../../bench/processes.ts';
import { type Installation, installationIn, startProcess, untilReady } from '../app.ts';
import type { Crms, CrmTask, Doors } from '../crms.ts';
import { askDatabase } from '../database.ts';
import type { Kind, Stage } from '../kind.ts';
import { between, oneOf } from '../random.ts';
import { finalStates, noSums } from '../reckon.ts';
import { prepareTwoWay, type TwoWay } from '../two-way-flow.ts';

const places = ['bitrix24', 'creatio'] as const;
type Place = (typeof places)[number];

/**
 * Contacts of two CRMs in step both ways. People make and edit them on either side while the app is killed. Afterwards
 * each person is there once on each side, with the latest edit, and nothing is written any more: no ping-pong.
 */
export const pingpong: Kind = {
  name: 'pingpong',
  repeatable: true,
  limitSeconds: 900,
  async run(stage) {
    const times = stage.short ? 2 : 6;
    const world = await open(stage);
    const people: Living[] = [];
    const busy = { on: true };
    const living = live({ stage, world, people, busy });
    for (let n = 0; n < times; n += 1) {
      await delay(between(stage.random, 1500, 4000));
      await world.killApp();
    }
    await delay(2000);
    busy.on = false;
    await living;
    const quietAfter = await untilQuiet(world);
    const crms = await world.tell<Crms>({ do: 'look' });
    const findings = { ...compare(people, crms), ...(await statesOf(world)) };
    const edits = people.filter(({ post }) => post !== 'мастер').length;
    const seen = `${people.length} people, ${edits} edited, ${crms.writes} writes, quiet after ${quietAfter.toFixed(0)} s`;
    return { ...findings, kills: times, seen };
  },
};

interface Living {
  n: number;
  home: Place;
  post: string;
}

interface World {
  databaseUrl: string;
  flows: TwoWay;
  tell<T>(task: CrmTask): Promise<T>;
  killApp(): Promise<void>;
}

async function open(stage: Stage): Promise<World> {
  const folder = await temporaryFolder();
  stage.onEnd(() => folder.remove());
  await chmod(folder.path, 0o711);
  stage.logs.push(join(folder.path, 'app.log'));
  const crms = await forkScript<Doors>(new URL('../crms.ts', import.meta.url).href);
  stage.onEnd(() => void crms.child.kill());
  const installation: Installation = installationIn(folder.path);
  let app = startProcess(installation, 'start');
  stage.onEnd(() => app.stop());
  await untilReady(installation);
  const databaseUrl = (await readFile(join(folder.path, 'database.url'), 'utf8')).trim();
  const flows = await prepareTwoWay(installation, crms.said);
  await untilAsked(databaseUrl);
  const tell = <T>(task: CrmTask) => ask<T>(crms.child, task);
  await tell({ do: 'hooks', ...flows.hooks });
  return {
    databaseUrl,
    flows,
    tell,
    async killApp() {
      await app.kill();
      app = startProcess(installation, 'start');
      await untilReady(installation);
    },
  };
}

/** "From now" is set by the first ask. */
async function untilAsked(databaseUrl: string): Promise<void> {
  for (const until = performance.now() + 20_000; performance.now() < until; await delay(100)) {
    const rows = await askDatabase(databaseUrl, 'select 1 from triggers where active and cursor is null');
    if (rows.length === 0) return;
  }
}

/** People make contacts, and edit earlier ones where they were made or where they have come. */
async function live(input: { stage: Stage; world: World; people: Living[]; busy: { on: boolean } }): Promise<void> {
  const { stage, world, people, busy } = input;
  while (busy.on) {
    await delay(between(stage.random, 50, 250));
    const home = oneOf(stage.random, places);
    if (people.length < 5 || stage.random() < 0.6) {
      const n = people.length + 1;
      await world.tell({ do: 'create', n, in: home });
      people.push({ n, home, post: 'мастер' });
      continue;
    }
    // Each person is edited once, on one side: of two edits in the same moment nobody could say which one counts.
    const someone = people.findLast(
      ({ post, n }) => post === 'мастер' && n <= people.length - Math.floor(between(stage.random, 0, 8)),
    );
    if (!someone) continue;
    const post = `начальник ${someone.n}`;
    const { edited } = await world.tell<{ edited: boolean }>({ do: 'edit', n: someone.n, in: home, post });
    if (edited) someone.post = post;
  }
}

/**
 * Lets reconciling asks and limits of the portal pass, until three rounds have written nothing more: an app that was
 * dead when a CRM called finds the change when it asks by itself. A round in which an ask has not come to its end, as a
 * process that was killed in the middle of one still holds its lease, says nothing.
 */
async function untilQuiet(world: World): Promise<number> {
  const began = performance.now();
  let quietRounds = 0;
  for (let writes = -1; quietRounds < 3; ) {
    if (performance.now() - began > 400_000) throw new Error('The two CRMs never come to rest.');
    const [round] = await askDatabase<{ at: Date }>(
      world.databaseUrl,
      `with due as (update triggers set next_ask_at = now() where active) select now() as at`,
    );
    await askDatabase(world.databaseUrl, 'update limiter_buckets set level = 0');
    await delay(1500);
    const open = await askDatabase(
      world.databaseUrl,
      `select 1 from runs where state in ('queued', 'working', 'calling', 'waiting') limit 1`,
    );
    const unasked = await askDatabase(world.databaseUrl, 'select 1 from triggers where active and asked_at < $1', [
      round?.at,
    ]);
    const crms = await world.tell<Crms>({ do: 'look' });
    const isQuiet = open.length === 0 && unasked.length === 0 && crms.writes === writes;
    quietRounds = isQuiet ? quietRounds + 1 : 0;
    writes = crms.writes;
  }
  return (performance.now() - began) / 1000;
}

function compare(people: Living[], crms: Crms) {
  const findings = { ...noSums(), faults: [] as string[] };
  for (const { n, post } of people) {
    for (const place of places) {
      const there = crms[place].filter(({ email }) => email === `person-${n}@example.com`);
      if (there.length > 1) {
        findings.doubled += there.length - 1;
        findings.faults.push(`person ${n} is ${there.length} times in ${place}`);
      }
      if (there.length === 0) {
        findings.lost += 1;
        findings.faults.push(`person ${n} is not in ${place}`);
      } else if (there.some((one) => one.post !== post)) {
        findings.lost += 1;
        findings.faults.push(`person ${n} in ${place} is "${there[0]?.post}", not "${post}"`);
      }
    }
  }
  return findings;
}

async function statesOf({ databaseUrl, flows }: World) {
  const rows = await askDatabase<{ state: string; n: number }>(
    databaseUrl,
    `select state, count(*)::int as n from (
       select state from run_history where flow_id = any($1::uuid[])
       union all select state from runs where flow_id = any($1::uuid[])) as run
     group by state`,
    [flows.flowIds],
  );
  const count = (state: string) => rows.find((row) => row.state === state)?.n ?? 0;
  const states = Object.fromEntries(finalStates.map((state) => [state, count(state)]));
  return { ...(states as Record<(typeof finalStates)[number], number>), runs: rows.reduce((sum, { n }) => sum + n, 0) };
}
