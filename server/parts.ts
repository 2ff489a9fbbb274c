import { existsSync } from 'node:fs';
import type { Context } from './context.ts';

interface Worker {
  stop(): Promise<void>;
  drain(): Promise<void>;
}
interface Parts {
  startWorker(this: void, ctx: Context): Worker;
  registerFlowJobs(this: void, ctx: Context): void;
}

/** Temporary: the engine is not whole yet, and what cannot be loaded is left out. Replaced by plain imports in main.ts. */
async function part<T>(ctx: Context, path: string, otherwise: T): Promise<T> {
  const url = new URL(path, import.meta.url);
  if (!existsSync(url)) return otherwise;
  try {
    return (await import(url.href)) as T;
  } catch (error) {
    ctx.log.error({ err: error }, `${path} cannot be loaded`);
    return otherwise;
  }
}

export async function loadParts(ctx: Context): Promise<Parts> {
  const worker = await part<Pick<Parts, 'startWorker'>>(ctx, './flows/worker.ts', {
    startWorker: () => ({ stop: async () => {}, drain: async () => {} }),
  });
  const jobs = await part<Pick<Parts, 'registerFlowJobs'>>(ctx, './flows/jobs.ts', { registerFlowJobs: () => {} });
  return { ...worker, ...jobs };
}
