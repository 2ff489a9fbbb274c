/** The door of the flows room. */
export { readHistoryBytes, readHistorySize } from './history-size.ts';
export { registerFlowJobs } from './jobs.ts';
export { receiveHook } from './receive-hook.ts';
export { routes } from './routes.ts';
export { listRuns } from './runs.ts';
export { startWorker } from './worker.ts';
