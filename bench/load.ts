import { Agent, request } from 'undici';
import { eventOf } from './events.ts';

/**
 * The sender, in a process of its own. Reads a task from its parent: a burst of events as fast as `connections` allow,
 * or an even rate. Answers with the latencies of the acknowledgements in milliseconds and, for an even rate, with when
 * each event was sent.
 */
interface Task {
  url: string;
  run: string;
  count: number;
  connections: number;
  bytes?: number;
  /** Events a second; absent: as fast as it goes. */
  rate?: number;
}

const agent = new Agent({ connections: 256, pipelining: 1 });

async function post(task: Task, n: number): Promise<number> {
  const started = performance.now();
  const answer = await request(task.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: eventOf(task.run, n, task.bytes),
    dispatcher: agent,
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`The receiver answered ${answer.statusCode}.`);
  return performance.now() - started;
}

interface Sent {
  /** Milliseconds until the answer. */
  latencies: number[];
  /** Of the nth event: milliseconds since 1970. */
  sentAt?: number[];
}

async function burst(task: Task): Promise<Sent> {
  const latencies: number[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: task.connections }, async () => {
      while (next < task.count) {
        next += 1;
        latencies.push(await post(task, next));
      }
    }),
  );
  return { latencies };
}

async function even(task: Task & { rate: number }): Promise<Sent> {
  const started = performance.now();
  const sentAt: number[] = [];
  const posts = Array.from({ length: task.count }, async (_, index) => {
    const due = started + (index * 1000) / task.rate;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    sentAt[index] = Date.now();
    return post(task, index + 1);
  });
  return { latencies: await Promise.all(posts), sentAt };
}

process.on('message', (task: Task) => {
  const work = task.rate === undefined ? burst(task) : even({ ...task, rate: task.rate });
  work.then(
    (sent) => process.send?.(sent),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.send?.({ ready: true });
