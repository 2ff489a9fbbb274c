import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { asConnectorError } from '../../kit/errors.ts';
import { createLoader, noteFailure } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { listen } from '../db/listen.ts';
import { createAsks } from './asks.ts';
import { createHands, places } from './hands.ts';
import { maskOfAll } from './history/mask.ts';
import { connectionOf, planOf } from './plan.ts';
import { readProgress } from './progress.ts';
import { claimAbandoned, claimRuns, countRunnable, handBack, leaseSeconds, renewLeases } from './queue.ts';
import { tellOwner, walk } from './run.ts';
import { createWriter, type Writer } from './settle.ts';
import { settlementOf, stopOf } from './stop.ts';
import { readFlow } from './store.ts';
import { type ClaimedRun, emptyEffects, type Progress, type Stop } from './work.ts';

/** Passing by the backlog of a flow that has its share costs as long as the backlog is: no more than a tenth of the time. */
const restAfterPassing = 10;
const idleMilliseconds = 1000;

export interface Worker {
  /** Finishes or hands back what is running, within `seconds`. */
  stop(seconds?: number): Promise<void>;
  /** Works until nothing can be claimed: for tests and tools. */
  drain(): Promise<void>;
}

/**
 * The loop of a `work` process. It wakes by NOTIFY and every second: claims runs and due triggers, walks them, renews
 * the leases of what it has in hand, and takes over what silent workers left.
 */
export function startWorker(ctx: Context): Worker {
  const owner = `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`;
  const writer = createWriter(ctx);
  const hands = createHands(() => nudge());
  /** Not before then is a full flow's backlog passed by again; of the monotonic clock. */
  let passesAt = 0;
  const asks = createAsks(ctx, {
    owner,
    loosened: () => {
      askedAt = Number.NEGATIVE_INFINITY;
      nudge();
    },
  });
  let askedAt = Number.NEGATIVE_INFINITY;
  let isStopping = false;
  let wake = () => {};
  let woken = false;

  const nudge = () => {
    woken = true;
    wake();
  };
  const listening = listen({ pool: ctx.pool, log: ctx.log, channel: 'mostik_runs', heard: nudge }).catch(
    (error: unknown) => {
      ctx.log.warn({ err: error }, 'the worker hears no calls for now and looks every second');
      return async () => {};
    },
  );

  function begin(runs: ClaimedRun[]): void {
    const loader = createLoader();
    for (const run of runs) hands.hold(run, walkClaimed(ctx, { run, writer, loader }));
  }

  /** Claims that the database has not answered yet: what they take is nowhere in hand. */
  const claims = new Set<Promise<number>>();
  function claiming(claim: () => Promise<number>): Promise<number> {
    const under = claim().finally(() => claims.delete(under));
    claims.add(under);
    return under;
  }

  const claimSome = () => claiming(claimRunsNow);
  async function claimRunsNow(): Promise<number> {
    const limit = hands.room();
    const without = hands.full();
    const began = performance.now();
    if (limit === 0 || isStopping || (without.length > 0 && began < passesAt)) return 0;
    const runs = await claimRuns(ctx.pool, { owner, limit, without });
    const now = performance.now();
    if (without.length > 0) passesAt = now + restAfterPassing * (now - began);
    if (runs.length > 0) begin(runs);
    return runs.length;
  }

  const askDue = () => claiming(async () => (isStopping ? 0 : asks.begin()));

  async function tend(): Promise<void> {
    await renewLeases(ctx.pool, { owner, runs: hands.runs() });
    await asks.renew();
    const abandoned = await claimAbandoned(ctx.pool, { owner, limit: places });
    if (abandoned.length > 0) {
      ctx.log.warn({ runs: abandoned.length }, 'taking over runs of a silent worker');
      begin(abandoned);
    }
  }

  async function loop(): Promise<void> {
    let tendedAt = 0;
    while (!isStopping) {
      try {
        woken = false;
        // By the monotonic clock: the other one may be set back by hours.
        if (performance.now() - tendedAt > (leaseSeconds / 4) * 1000 || tendedAt === 0) {
          tendedAt = performance.now();
          await tend();
        }
        if (performance.now() - askedAt > 500) {
          askedAt = performance.now();
          await askDue();
        }
        if ((await claimSome()) > 0) continue;
      } catch (error) {
        ctx.log.error({ err: error }, 'the worker could not reach its work; trying again');
        await delay(1000);
      }
      if (woken || isStopping) continue;
      await new Promise<void>((resolve) => {
        const passesIn = passesAt - performance.now();
        const timer = setTimeout(resolve, passesIn > 0 ? Math.min(passesIn, idleMilliseconds) : idleMilliseconds);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
  const looping = loop();

  return {
    async stop(seconds = 10) {
      isStopping = true;
      wake();
      await looping;
      await (await listening)();
      const all = Promise.all([hands.empty(), asks.ended()]);
      await Promise.race([all, delay(seconds * 1000, undefined, { ref: false })]);
      await handBack(ctx.pool, { owner, ids: hands.runs().map(({ id }) => id) });
    },
    async drain() {
      for (;;) {
        await Promise.all([hands.empty(), asks.ended(), Promise.allSettled(claims)]);
        const begun = (await claimSome()) + (await askDue());
        if (begun > 0 || hands.runs().length > 0 || asks.count() > 0 || claims.size > 0) continue;
        if ((await countRunnable(ctx.pool)) === 0) return;
        await delay(10);
      }
    },
  };
}

async function walkClaimed(
  ctx: Context,
  input: { run: ClaimedRun; writer: Writer; loader: ReturnType<typeof createLoader> },
): Promise<void> {
  const { run, writer, loader } = input;
  let progress: Progress;
  try {
    progress = readProgress(run.progress);
  } catch (error) {
    await unreadable({ ctx, run, writer, error }).catch((settling: unknown) => unsettled(ctx, run, settling));
    return;
  }
  try {
    const plan = await planOf(ctx, run.versionId);
    const record = { id: run.recordId, label: null, url: null };
    await walk({ run, plan, progress, effects: emptyEffects(), record, loader }, ctx, writer);
  } catch (error) {
    await unplanned({ ctx, run, writer, progress, error }).catch((settling: unknown) => unsettled(ctx, run, settling));
  }
}

/** The lease runs out and the run is taken up again. */
const unsettled = (ctx: Context, run: ClaimedRun, error: unknown): void =>
  ctx.log.error({ err: error, run: run.id }, 'a run could not be settled');

/** What it did before is not known any more: it must neither go on nor stay in the way of its record. */
async function unreadable(input: { ctx: Context; run: ClaimedRun; writer: Writer; error: unknown }): Promise<void> {
  const { ctx, run, writer } = input;
  ctx.log.error({ run: run.id, err: input.error }, 'the progress of a run cannot be read');
  const text = {
    en: 'What was kept of this run cannot be read any more. Look over there what it did, then run it again if need be.',
    ru: 'Сохранённое об этой операции больше не прочитать. Посмотрите там, что она успела, и при необходимости запустите её снова.',
  };
  await end(ctx, {
    run,
    writer,
    progress: readProgress(null),
    stop: { state: 'dead', reason: { code: 'progress.unreadable', text } },
  });
}

/** The flow's apps could not be asked what their fields are: the run waits like any other that meets a failure. */
async function unplanned(input: {
  ctx: Context;
  run: ClaimedRun;
  writer: Writer;
  progress: Progress;
  error: unknown;
}): Promise<void> {
  const { ctx, run, writer, progress } = input;
  const failure = asConnectorError(input.error);
  ctx.log.warn({ run: run.id, code: failure.code, err: failure.cause }, 'a run could not be planned');
  const connectionId = connectionOf(input.error);
  if (connectionId !== null) await noteFailure(ctx, { id: connectionId }, failure);
  const stop = stopOf(run, { failure, connectionId });
  await end(ctx, { run, writer, progress, stop });
}

/** Settles a run that has no plan, and tells its owner when it ended. */
async function end(
  ctx: Context,
  { run, writer, progress, stop }: { run: ClaimedRun; writer: Writer; progress: Progress; stop: Stop },
): Promise<void> {
  if (stop.state === 'lost') return;
  const record = { id: run.recordId, label: null, url: null };
  const settlement = settlementOf({ run, progress, record, effects: emptyEffects(), plan: null }, stop);
  const settled = await writer.settle({ ...settlement, mask: await maskOfAll(ctx) });
  if (!settled || stop.state === 'waiting' || stop.state === 'held' || stop.state === 'dropped') return;
  const { name } = await readFlow(ctx, run.flowId);
  await tellOwner(ctx, { flowId: run.flowId, name, why: stop.reason.text });
}
