import type { Context } from '../context.ts';
import { probeConnections } from './probe.ts';
import { watchValidity } from './validity.ts';

export function registerConnectionJobs(ctx: Context): void {
  ctx.jobs.work('connection-probe', () => probeConnections(ctx));
  ctx.jobs.schedule('connection-probe', '*/15 * * * *');
  ctx.jobs.work('connection-validity', () => watchValidity(ctx));
  // Every morning in Moscow and every evening: a last day is a day, not an hour.
  ctx.jobs.schedule('connection-validity', '5 5,17 * * *');
}
