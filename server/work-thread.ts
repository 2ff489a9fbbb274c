import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Config } from './config.ts';

/** What the thread says: it is ready, or it has stopped. */
export type ThreadNews = { kind: 'ready' } | { kind: 'stopped' };

/** What it is told. */
export type ThreadOrder = { kind: 'start'; config: Config; databaseUrl: string } | { kind: 'stop' };

export interface WorkThread {
  /** Resolves when the thread works on runs. */
  begin(databaseUrl: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The work role beside the serving one: in a thread of its own, so that a page answers while runs are worked on and both
 * cores of a small machine are used. A thread rather than a process: it shares the program's code in memory and ends with us.
 */
export function openWorkThread(
  config: Config,
  log: Logger,
  entry = new URL('work-thread-entry.mjs', import.meta.url),
): WorkThread {
  // The heap of a thread is laid out by the flags of its moment, which go before its resource limits; ours is laid out
  // already. Why 16: scripts/node-settings.mjs.
  setFlagsFromString('--max-semi-space-size=16');
  const thread = new Worker(entry, {
    // Without limits the heaps of both threads grew to 580 MB under a full load.
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  let isStopping = false;
  let isStarted = false;
  /** Kept from the first moment: a thread may break before anybody listens. */
  const ended = new Promise<Error>((resolve) => {
    thread.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    thread.once('exit', (code) => resolve(new Error(`It ended with code ${code}.`)));
  });
  void ended.then((why) => {
    if (isStopping || !isStarted) return;
    // As a process that breaks: whoever watches us starts us again, and leases give the runs back.
    log.fatal({ err: why }, 'the thread that works on runs has ended');
    process.exit(1);
  });
  const tell = (order: ThreadOrder) => thread.postMessage(order);
  /** Null: it has ended. */
  const nextNews = () =>
    Promise.race([new Promise<ThreadNews>((resolve) => thread.once('message', resolve)), ended.then(() => null)]);
  const hear = async (kind: ThreadNews['kind']): Promise<boolean> => {
    for (;;) {
      const news = await nextNews();
      if (news === null) return false;
      if (news.kind === kind) return true;
    }
  };
  return {
    async begin(databaseUrl) {
      const ready = hear('ready');
      tell({ kind: 'start', config, databaseUrl });
      if (!(await ready)) throw new Error('The thread that works on runs did not start.', { cause: await ended });
      isStarted = true;
    },
    async stop() {
      isStopping = true;
      if (isStarted) {
        const stopped = hear('stopped');
        tell({ kind: 'stop' });
        await stopped;
      }
      await thread.terminate();
    },
  };
}
