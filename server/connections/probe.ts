import { asConnectorError } from '../../kit/errors.ts';
import type { Context } from '../context.ts';
import type { FailureView, Trouble } from './contract.ts';
import { troubleOf } from './doctor.ts';
import { checkConnection } from './save.ts';
import { readConnections } from './store.ts';

/**
 * Of what stops a connection these troubles may pass by themselves: a proxy that sent everything elsewhere, a portal
 * closed for an update. A refused key stays refused, and asking on with it gets accounts locked; a block or another
 * account needs a person.
 */
const passing = new Set<Trouble | null>(['wrongAddress', 'unreachable']);

/** The last ask may have met another failure than the one that stopped the connection: that says nothing final. */
const mayPass = (failure: FailureView | null): boolean =>
  failure !== null && (failure.kind !== 'reconnect' || passing.has(troubleOf(failure)));

/** Asks connections that wait for a person now and then: what works again goes on by itself. */
export async function probeConnections(ctx: Context): Promise<void> {
  const rows = await readConnections(ctx);
  for (const row of rows.filter((one) => one.needs_reconnect && mayPass(one.failure))) {
    await checkConnection(ctx, row.id).catch((error: unknown) =>
      ctx.log.info({ connection: row.id, code: asConnectorError(error).code }, 'a connection still fails'),
    );
  }
}
