import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import { inTransaction } from '../db/transaction.ts';
import { notNow } from './decide.ts';
import { mustReadRun } from './history/runs.ts';
import { readProgress } from './progress.ts';
import { announce } from './receive.ts';

/**
 * A waiting run waits no longer: it goes to the attention list, from where it can be run again with another version or
 * dismissed. A call of it that may have been carried out makes its outcome unknown.
 */
export async function giveUp(ctx: Context, input: { id: string; by: string }): Promise<void> {
  const run = await mustReadRun(ctx, input.id);
  const { pending } = readProgress(run.progress);
  await inTransaction(ctx.pool, async (client) => {
    const { rowCount } = await client.query(
      `update runs set state = $2, reason = $3::jsonb, finished_at = now(), waits_for = null, held_at = null
       where id = $1 and state = 'waiting'`,
      [run.id, pending ? 'unknown' : 'dead', toJsonb(stoppedWaiting(input.by, run.reason?.text ?? ''))],
    );
    if (rowCount === 0) throw notNow();
    await client.query('delete from key_locks where run_id = $1', [run.id]);
  });
  // The next run of the record may go.
  announce(ctx, [{ runId: run.id, flowId: run.flow_id }]);
}

const stoppedWaiting = (by: string, why: Text) => ({
  code: 'stopped_waiting',
  text: fill({ en: '{by} let it wait no longer. {why}', ru: '{by}, решение: больше не ждать. {why}' }, { by, why }),
});
