/** The promises of this room, by topic: what others may know of flows is what stands here. */

export * from './contract/attention.ts';
export * from './contract/backfill.ts';
export * from './contract/definition.ts';
export * from './contract/flows.ts';
export * from './contract/live.ts';
export * from './contract/pairs.ts';
export * from './contract/runs.ts';
export * from './contract/trial.ts';
