import { recordCall } from '../../kit/call.ts';
import { asConnectorError } from '../../kit/errors.ts';
import { noteFailure, noteWorked, type OpenConnection, openConnection } from '../connections/index.ts';
import type { Context } from '../context.ts';

/** What was asked belongs to another process by now, or was called off; it says nothing of the connection. */
export class NoLongerOurs extends Error {
  override name = 'NoLongerOurs';
}

/**
 * Asks an app for what is new or old there, beside the runs; the answer, or its failing, tells of the connection's
 * health. Null: a person must renew the connection first, and nothing was asked.
 */
export async function askVendor<T>(
  ctx: Context,
  connectionId: string,
  ask: (connection: OpenConnection) => Promise<T>,
): Promise<{ answer: T } | null> {
  const connection = await openConnection(ctx, connectionId);
  if (connection.needsReconnect) return null;
  try {
    const answer = await recordCall({ priority: 'poll', exchanges: [] }, () => ask(connection));
    await noteWorked(ctx, connectionId);
    return { answer };
  } catch (error) {
    if (error instanceof NoLongerOurs) throw error;
    throw await noteFailure(ctx, connection, asConnectorError(error));
  }
}
