import type { PoolClient } from 'pg';
import { asConnectorError, type ConnectorError } from '../../kit/errors.ts';
import type { Field } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { ChangePage, Cursor, Rec, RecordType } from '../../kit/record-type.ts';
import type { TriggerPage } from '../../kit/trigger.ts';
import { fieldsOf, gone, type OpenConnection, triggerOf } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import { inTransaction } from '../db/transaction.ts';
import type { JsonValue } from '../http/contract.ts';
import { askVendor, NoLongerOurs } from './asking.ts';
import { announce, createdKey, type Happening, receiveWithin } from './receive.ts';
import { stateHash } from './values/normalise.ts';

/** One process asks for a trigger; when it falls silent, another may after this long: whoever asks says so every 5 s. */
const leaseSeconds = 30;
/** Pages of one ask; what is left is asked for at once again, after other triggers had their turn. */
const mostPages = 20;

/** After a lost cursor we read from so long before the last good ask. */
const startOverHours = 24;

interface DueTrigger {
  flow_id: string;
  connection_id: string;
  trigger_key: string;
  cursor: JsonValue;
  has_cursor: boolean;
  started_at: Date;
  every_seconds: number;
  settings: FormValues;
}

/** Claims triggers that are due: an ask each, over all processes. Those of connections in `without` wait for now. */
export async function claimTriggers(
  ctx: Context,
  input: { owner: string; limit: number; without: string[]; underWay: string[] },
): Promise<DueTrigger[]> {
  const { rows } = await ctx.pool.query<DueTrigger>({
    name: 'claim-triggers',
    text: `
    with due as (
      select flow_id from triggers
      -- A lease that ran out belongs to an ask that a dead process left half-done: it is due whatever the time.
      where active and (lease_until < now() or (lease_until is null and next_ask_at <= now()))
        and connection_id <> all($3::uuid[]) and flow_id <> all($4::uuid[])
      order by next_ask_at limit $2 for update skip locked)
    update triggers t set owner = $1, lease_until = now() + make_interval(secs => ${leaseSeconds}),
      -- A call that says "something changed" while we ask moves this to now, and we ask again.
      next_ask_at = now() + make_interval(secs => t.every_seconds)
    from due, flows f join flow_versions v on v.id = f.version_id
    where t.flow_id = due.flow_id and f.id = t.flow_id
    returning t.flow_id, t.connection_id, t.trigger_key, t.cursor, t.cursor is not null as has_cursor, t.started_at,
      t.every_seconds, v.definition #> '{trigger,settings}' as settings`,
    values: [input.owner, input.limit, input.without, input.underWay],
  });
  return rows;
}

/** A page may take longer than a lease: whoever asks says every few seconds that it does. */
export async function renewAsks(ctx: Context, input: { owner: string; ids: string[] }): Promise<void> {
  if (input.ids.length === 0) return;
  await ctx.pool.query(
    `with polls as (
       update triggers set lease_until = now() + make_interval(secs => ${leaseSeconds})
       where flow_id = any($2::uuid[]) and owner = $1)
     update backfills set lease_until = now() + make_interval(secs => ${leaseSeconds})
     where id = any($2::uuid[]) and owner = $1`,
    [input.owner, input.ids],
  );
}

/** Asks for one claimed trigger; a failure is kept on the trigger and asked again later. */
export async function poll(ctx: Context, input: { owner: string; trigger: DueTrigger }): Promise<void> {
  const { trigger, owner } = input;
  try {
    const asked = await askVendor(ctx, trigger.connection_id, (connection) =>
      askPages(ctx, { connection, trigger, owner }),
    );
    if (!asked) return await putOff(ctx, { trigger, owner, seconds: trigger.every_seconds });
    await finish(ctx, { trigger, owner, isAll: !asked.answer });
  } catch (error) {
    if (!(error instanceof NoLongerOurs)) await failed(ctx, { trigger, owner, error: asConnectorError(error) });
  }
}

async function askPages(
  ctx: Context,
  input: { connection: OpenConnection; trigger: DueTrigger; owner: string },
): Promise<boolean> {
  const { connection, trigger } = input;
  const derived = await triggerOf(connection, trigger.trigger_key);
  if (!derived) throw gone(connection, { what: 'trigger', key: trigger.trigger_key });
  let cursor: Cursor | null = trigger.has_cursor ? (trigger.cursor as Cursor) : null;
  const { settings } = trigger;
  // A full pass is one look at everything: broken off half-way, its rest would seem new.
  const isFullPass = derived.kind === 'record' && derived.recordType.fullPass === true;
  const save = { ...input, isFirst: cursor === null };
  for (let page = 0; isFullPass || page < mostPages; page += 1) {
    const from = cursor === null ? { cursor, since: trigger.started_at } : { cursor };
    let next: { next: Cursor; more: boolean } | undefined;
    if (derived.kind === 'record') {
      const found = await derived.recordType.changes?.(connection.api, { ...from, settings });
      if (!found) return false;
      await saveChanges(ctx, { ...save, recordType: derived.recordType, event: derived.event, page: found });
      next = found;
    } else {
      const found = await derived.trigger.poll?.(connection.api, { ...from, settings });
      if (!found) return false;
      await saveItems(ctx, { ...save, recordType: derived.trigger.recordType, page: found });
      next = found;
    }
    cursor = next.next;
    if (!next.more) return false;
  }
  return true;
}

/** Found records and the cursor in one transaction: neither is ever saved without the other. */
async function saveChanges(
  ctx: Context,
  input: {
    connection: OpenConnection;
    trigger: DueTrigger;
    owner: string;
    isFirst: boolean;
    recordType: RecordType<unknown>;
    event: 'created' | 'changed' | 'createdOrChanged';
    page: ChangePage;
  },
): Promise<void> {
  const { connection, trigger, recordType, page } = input;
  const fields = await fieldsOf(ctx, { connection, recordType: recordType.key });
  const known = await knownStates(ctx, { flowId: trigger.flow_id, recordType: recordType.key, records: page.items });
  // The first full pass only learns what is there: existing records are not new.
  const isBaseline = recordType.fullPass === true && input.isFirst;
  const fresh = isBaseline ? [] : page.items.filter((record) => isNew({ ...input, record, fields, known }));
  // What is new there but starts nothing is learned too: only so can a later change of it be told.
  const learned = recordType.fullPass
    ? page.items.filter((record) => isBaseline || (!known.has(record.id) && !fresh.includes(record)))
    : [];
  await saveFound(ctx, {
    ...input,
    cursor: page.next,
    isLast: !page.more,
    happenings: fresh.map((record) => happeningOf({ ...input, record })),
    states: learned.map((record) => ({ record, ...stateHash(record.values, fields) })),
  });
}

/** Does a found record fire the trigger? Its state as the flow took it last decides, not the vendor's clock. */
function isNew(input: {
  trigger: DueTrigger;
  recordType: RecordType<unknown>;
  event: 'created' | 'changed' | 'createdOrChanged';
  record: Rec;
  fields: Field[];
  known: Map<string, string>;
}): boolean {
  const { record, trigger, event } = input;
  const taken = input.known.get(record.id);
  const isUnchanged = taken !== undefined && taken === stateHash(record.values, input.fields).hash;
  const isNewborn =
    record.createdAt === undefined
      ? taken === undefined
      : new Date(record.createdAt) >= floorSecond(trigger.started_at);
  switch (event) {
    case 'created':
      return isNewborn;
    case 'createdOrChanged':
      return !isUnchanged;
    case 'changed':
      // Born and not touched since: a creation, not a change.
      return !isUnchanged && !(taken === undefined && isNewborn && record.changedAt === record.createdAt);
  }
}

/** Vendors tell times in whole seconds: a record made in the second of the start is new. */
const floorSecond = (time: Date) => new Date(Math.floor(time.getTime() / 1000) * 1000);

function happeningOf(input: {
  trigger: DueTrigger;
  recordType: RecordType<unknown>;
  event: 'created' | 'changed' | 'createdOrChanged';
  record: Rec;
}): Happening {
  const { record, recordType, trigger, event } = input;
  const key = `${recordType.key}:${record.id}`;
  const canLoad = recordType.get !== undefined || recordType.getMany !== undefined;
  return {
    delivery: null,
    connectionId: trigger.connection_id,
    source: 'poll',
    triggers: [trigger.trigger_key],
    flowId: trigger.flow_id,
    recordKey: key,
    recordType: recordType.key,
    recordId: record.id,
    label: record.label ?? null,
    // A creation stands for itself; a change is loaded when its turn comes, and joins a run that already waits.
    coalesces: event !== 'created' && canLoad,
    seenKey: event === 'created' ? createdKey(key) : null,
    payload: canLoad ? null : JSON.stringify({ recordId: record.id, record }),
  };
}

async function saveItems(
  ctx: Context,
  input: { trigger: DueTrigger; owner: string; recordType: string | null; page: TriggerPage },
): Promise<void> {
  const { trigger, page, recordType } = input;
  await saveFound(ctx, {
    ...input,
    cursor: page.next,
    isLast: !page.more,
    states: [],
    happenings: page.items.map(({ key, ...item }) => ({
      delivery: null,
      connectionId: trigger.connection_id,
      source: 'poll' as const,
      triggers: [trigger.trigger_key],
      flowId: trigger.flow_id,
      recordKey: `${recordType ?? trigger.trigger_key}:${item.recordId}`,
      recordType,
      recordId: item.recordId,
      label: item.record?.label ?? null,
      coalesces: false,
      seenKey: `${trigger.trigger_key}:${key}`,
      payload: JSON.stringify(item),
    })),
  });
}

async function saveFound(
  ctx: Context,
  input: {
    trigger: DueTrigger;
    owner: string;
    cursor: Cursor;
    isLast: boolean;
    happenings: Happening[];
    states: { record: Rec; hash: string; fields: Record<string, string> }[];
    recordType?: RecordType<unknown> | string | null;
  },
): Promise<void> {
  const { trigger, happenings, states } = input;
  const queued = await inTransaction(ctx.pool, async (client) => {
    const { rowCount } = await client.query(
      // A cursor that is lost in the middle begins again from the last ask that read all.
      `update triggers set cursor = $3::jsonb, asked_at = case when $5 then now() else asked_at end, failure = null,
         event_at = case when $4 then now() else event_at end,
         lease_until = now() + make_interval(secs => ${leaseSeconds})
       where flow_id = $1 and owner = $2 and active`,
      [trigger.flow_id, input.owner, toJsonb(input.cursor), happenings.length > 0, input.isLast],
    );
    // Stopped, or taken over by another process, meanwhile: the page is asked for again by whoever is next.
    if (rowCount === 0) throw new NoLongerOurs('Another process asks for this trigger, or it was stopped.');
    const key = typeof input.recordType === 'object' ? (input.recordType?.key ?? '') : '';
    await saveBaseline(client, { flowId: trigger.flow_id, recordType: key, states });
    return happenings.length === 0 ? [] : receiveWithin(client, { deliveries: [], happenings });
  });
  announce(ctx, queued);
}

async function saveBaseline(
  client: PoolClient,
  input: {
    flowId: string;
    recordType: string;
    states: { record: Rec; hash: string; fields: Record<string, string> }[];
  },
): Promise<void> {
  if (input.states.length === 0) return;
  await client.query(
    `insert into record_states (flow_id, record_key, hash, fields)
     select $1, * from unnest($2::text[], $3::text[], $4::jsonb[])
     on conflict (flow_id, record_key) do update set hash = excluded.hash, fields = excluded.fields, at = now()`,
    [
      input.flowId,
      input.states.map(({ record }) => `${input.recordType}:${record.id}`),
      input.states.map(({ hash }) => hash),
      input.states.map(({ fields }) => toJsonb(fields)),
    ],
  );
}

async function knownStates(
  ctx: Context,
  input: { flowId: string; recordType: string; records: Rec[] },
): Promise<Map<string, string>> {
  if (input.records.length === 0) return new Map();
  const rows = await ctx.db
    .selectFrom('record_states')
    .select(['record_key', 'hash'])
    .where('flow_id', '=', input.flowId)
    .where(
      'record_key',
      'in',
      input.records.map(({ id }) => `${input.recordType}:${id}`),
    )
    .execute();
  return new Map(rows.map(({ record_key, hash }) => [record_key.slice(input.recordType.length + 1), hash]));
}

async function finish(ctx: Context, input: { trigger: DueTrigger; owner: string; isAll: boolean }): Promise<void> {
  const { trigger, owner, isAll } = input;
  await ctx.pool.query(
    `update triggers set owner = null, lease_until = null, asked_at = case when $4 then now() else asked_at end, failure = null,
       next_ask_at = least(next_ask_at, now() + make_interval(secs => $3))
     where flow_id = $1 and owner = $2`,
    // What is left is asked for at once, after other triggers had their turn.
    [trigger.flow_id, owner, isAll ? trigger.every_seconds : 0, isAll],
  );
}

const putOff = async (ctx: Context, input: { trigger: DueTrigger; owner: string; seconds: number }): Promise<void> => {
  await ctx.pool.query(
    `update triggers set owner = null, lease_until = null, next_ask_at = now() + make_interval(secs => $3)
     where flow_id = $1 and owner = $2`,
    [input.trigger.flow_id, input.owner, input.seconds],
  );
};

/** The words of a failure stay on the trigger until an ask succeeds. A lost cursor begins again from the last good ask. */
async function failed(
  ctx: Context,
  input: { trigger: DueTrigger; owner: string; error: ConnectorError },
): Promise<void> {
  const { trigger, owner, error } = input;
  const err = error.code === 'unforeseen' ? { err: error.cause } : {};
  ctx.log.warn({ flow: trigger.flow_id, code: error.code, kind: error.kind, ...err }, 'a poll failed');
  const wait = error.until ? Math.max(1, (error.until.getTime() - Date.now()) / 1000) : trigger.every_seconds;
  await ctx.pool.query(
    `update triggers set owner = null, lease_until = null, failure = $3::jsonb,
       next_ask_at = now() + make_interval(secs => $4),
       cursor = case when $5 then null else cursor end,
       -- The app's clock may be behind ours, and a change may show late: what is read twice is told apart by its state.
       started_at = case when $5 then greatest(started_at, asked_at - interval '${startOverHours} hours') else started_at end
     where flow_id = $1 and owner = $2`,
    [
      trigger.flow_id,
      owner,
      toJsonb({ code: error.code, text: error.text, at: new Date().toISOString() }),
      Math.min(wait, Math.max(60, trigger.every_seconds)),
      error.kind === 'startOver',
    ],
  );
  ctx.live.tell({ kind: 'flow', id: trigger.flow_id });
}
