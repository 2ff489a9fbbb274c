import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { bodyOf } from './events.ts';
import { between, type Random, randomOf } from './random.ts';

/**
 * The sender, in a process of its own. It posts events at an even rate until it is told to stop, and each one again
 * until it hears 200: a delivery whose answer was lost may have been taken, so it is repeated with its id.
 */
interface Start {
  do: 'start';
  url: string;
  rate: number;
  seed: number;
  /** Sends some events several times and out of order, though they were taken. */
  repeats?: boolean;
}
type Task = Start | { do: 'count' } | { do: 'stop' };

const mostUnderWay = 150;
/** An answer that takes longer counts as lost. */
const patienceMs = 15_000;
const agent = new Agent({ connections: mostUnderWay, pipelining: 1, keepAliveTimeout: 2000 });

const state = { sent: 0, accepted: 0, posts: 0, statuses: {} as Record<string, number>, stopping: false };
const underWay = new Set<Promise<void>>();

async function post(url: string, n: number): Promise<boolean> {
  state.posts += 1;
  const status = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(n),
    dispatcher: agent,
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
  }).then(
    async (answer) => {
      await answer.body.dump();
      return String(answer.statusCode);
    },
    () => 'none',
  );
  state.statuses[status] = (state.statuses[status] ?? 0) + 1;
  return status === '200';
}

async function deliver(task: Start, n: number, random: Random): Promise<void> {
  const copies = task.repeats ? Math.floor(between(random, 1, 4)) : 1;
  const waits = Array.from({ length: copies }, () => (task.repeats ? between(random, 0, 1500) : 0));
  await Promise.all(
    waits.map(async (wait) => {
      await delay(wait);
      while (!(await post(task.url, n))) await delay(between(random, 50, 250));
    }),
  );
  state.accepted += 1;
}

async function send(task: Start): Promise<void> {
  const random = randomOf(task.seed, 'sender');
  const began = performance.now();
  for (let due = 0; !state.stopping; due += 1) {
    await delay(Math.max(0, began + (due * 1000) / task.rate - performance.now()));
    if (underWay.size >= mostUnderWay || state.stopping) continue;
    state.sent += 1;
    const delivery: Promise<void> = deliver(task, state.sent, random).finally(() => underWay.delete(delivery));
    underWay.add(delivery);
  }
}

let sending: Promise<void> = Promise.resolve();

process.on('message', (task: Task) => {
  const tell = () => process.send?.({ ...state });
  switch (task.do) {
    case 'start':
      sending = send(task);
      return tell();
    case 'count':
      return tell();
    case 'stop':
      state.stopping = true;
      void sending.then(() => Promise.all(underWay)).then(tell);
  }
});
process.send?.({ ready: true });
