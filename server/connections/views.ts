import { ownAddress } from '../config.ts';
import type { Context } from '../context.ts';
import type { ConnectionView } from './contract.ts';
import { diagnosed } from './doctor.ts';
import { connectorOf } from './open.ts';
import { type ConnectionRow, readConnections, readUsers } from './store.ts';

/** Connections as screens and API see them: with health, the flows that use them, and without secrets. */
export async function viewConnections(ctx: Context): Promise<ConnectionView[]> {
  const [rows, users] = await Promise.all([readConnections(ctx), readUsers(ctx)]);
  return rows.map((row) => viewOf(ctx, row, users));
}

export async function viewConnection(ctx: Context, row: ConnectionRow): Promise<ConnectionView> {
  return viewOf(ctx, row, await readUsers(ctx));
}

function viewOf(ctx: Context, row: ConnectionRow, users: Awaited<ReturnType<typeof readUsers>>): ConnectionView {
  const connector = ctx.shelf[row.connector] ? connectorOf(ctx, row.connector) : null;
  return {
    id: row.id,
    connector: row.connector,
    auth: row.auth,
    name: row.name,
    account: row.account,
    fields: row.fields,
    secretsSet: row.secrets_set,
    endpoints: row.endpoints,
    health: healthOf(row),
    workedAt: row.worked_at?.toISOString() ?? null,
    lastFailure: row.failure && diagnosed(row.failure, row.valid_until),
    warnings: row.warnings,
    validUntil: row.valid_until,
    flows: users.filter((user) => user.connectionId === row.id).map(({ id, name, state }) => ({ id, name, state })),
    hook: connector?.webhook
      ? {
          address: hookAddress(ctx, row.hook_key),
          lastCallAt: row.hook_called_at?.toISOString() ?? null,
          lastRefusal: row.hook_refusal,
        }
      : null,
    createdAt: row.created_at.toISOString(),
  };
}

export function healthOf(
  row: Pick<ConnectionRow, 'needs_reconnect' | 'failure' | 'worked_at'>,
): ConnectionView['health'] {
  if (row.needs_reconnect) return 'reconnect';
  if (row.failure) return 'ailing';
  return row.worked_at ? 'works' : 'untried';
}

/** The whole inbound address. Without PUBLIC_URL it is this computer's: good for what runs beside us. */
export function hookAddress(ctx: Context, hookKey: string): string {
  return `${ctx.config.publicUrl ?? ownAddress(ctx.config)}/hooks/${hookKey}`;
}
