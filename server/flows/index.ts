/** The door of the flows room. */

export { listRuns } from './history/runs.ts';
export { readHistoryBytes, readHistorySize } from './history/size.ts';
export { registerFlowJobs } from './jobs.ts';
export { receiveHook } from './receive-hook.ts';
export { routes } from './routes.ts';
export { startWorker } from './worker.ts';
