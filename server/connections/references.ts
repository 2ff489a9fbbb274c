import { currentCall, type Exchange, recordCall } from '../../kit/call.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { Field, Json, Value, Values } from '../../kit/field.ts';
import type { Rec } from '../../kit/record-type.ts';
import type { Context } from '../context.ts';
import { fieldsOf } from './fields.ts';
import type { OpenConnection } from './open.ts';

/** Loads records by id; ids asked for in the same moment share the vendor's largest batch. */
export interface Loader {
  load(connection: OpenConnection, recordType: string, id: string): Promise<Rec | null>;
}

interface Waiting {
  id: string;
  resolve(found: Fetched): void;
  reject(error: unknown): void;
}

/** What a fetch brought, with the requests it took: everybody who shares the fetch shows them. */
interface Fetched {
  record: Rec | null;
  exchanges: Exchange[];
}

/** A list reference is followed this far. */
const mostListed = 20;

/** What the bodies of one exchange may take in all histories that show it, and the least that each of them keeps. */
const sharedRoom = 64 * 1024;
const leastShare = 2000;

/** Those who share a fetch share the room of its bodies: else thirty runs of a batch would keep thirty copies of all thirty records. */
function shareOf(exchange: Exchange, sharers: number): Exchange {
  const room = Math.max(leastShare, Math.floor(sharedRoom / sharers));
  const bytesAfter = (body: string | null) => (body === null ? 0 : Buffer.byteLength(body.slice(room)));
  const [requestCut, responseCut] = [bytesAfter(exchange.requestBody), bytesAfter(exchange.responseBody)];
  return {
    ...exchange,
    ...(requestCut > 0 && {
      requestBody: exchange.requestBody?.slice(0, room) ?? null,
      requestBytesCut: requestCut + (exchange.requestBytesCut ?? 0),
    }),
    ...(responseCut > 0 && {
      responseBody: exchange.responseBody?.slice(0, room) ?? null,
      responseBytesCut: responseCut + (exchange.responseBytesCut ?? 0),
    }),
  };
}

interface Queue {
  connection: OpenConnection;
  recordType: string;
  waiting: Waiting[];
}

/** One loader a batch: each record is fetched once, whoever asks; the exchanges land in the call of each who asked. */
export function createLoader(): Loader {
  const known = new Map<string, Promise<Fetched>>();
  const queues = new Map<string, Queue>();

  async function flush(place: string): Promise<void> {
    const queue = queues.get(place);
    queues.delete(place);
    if (!queue) return;
    const type = await queue.connection.recordType(queue.recordType).catch(() => undefined);
    if (type?.getMany) await settle(queue);
    else await settleEach(queue);
  }

  /** What is wrong with one record is no reason for the others to fail with it. */
  async function settleEach(queue: Queue): Promise<void> {
    await Promise.all(queue.waiting.map((one) => settle({ ...queue, waiting: [one] })));
  }

  async function settle(queue: Queue): Promise<void> {
    const exchanges: Exchange[] = [];
    try {
      const ids = queue.waiting.map(({ id }) => id);
      const records = await recordCall({ priority: currentCall()?.priority ?? 'run', exchanges }, () =>
        fetchAll({ ...queue, ids }),
      );
      const byId = new Map(records.map((record) => [record.id, record]));
      const shares = exchanges.map((exchange) => shareOf(exchange, queue.waiting.length));
      for (const { id, resolve } of queue.waiting) resolve({ record: byId.get(id) ?? null, exchanges: shares });
    } catch (error) {
      currentCall()?.exchanges.push(...exchanges);
      if (queue.waiting.length > 1 && isOfContent(error)) return settleEach(queue);
      for (const { reject } of queue.waiting) reject(error);
    }
  }

  function fetch(connection: OpenConnection, recordType: string, id: string): Promise<Fetched> {
    const place = `${connection.id} ${recordType}`;
    const loading = known.get(`${place} ${id}`);
    if (loading) return loading;
    const fetched = new Promise<Fetched>((resolve, reject) => {
      const queue = queues.get(place) ?? { connection, recordType, waiting: [] };
      if (queue.waiting.length === 0) {
        queues.set(place, queue);
        setImmediate(() => void flush(place));
      }
      queue.waiting.push({ id, resolve, reject });
    });
    known.set(`${place} ${id}`, fetched);
    return fetched;
  }

  return {
    async load(connection, recordType, id) {
      const { record, exchanges } = await fetch(connection, recordType, id);
      const seen = currentCall()?.exchanges;
      if (seen) for (const exchange of exchanges) if (!seen.includes(exchange)) seen.push(exchange);
      return record;
    },
  };
}

/** The other side is there and takes calls; it is these records that it will not give. */
const isOfContent = (error: unknown): boolean =>
  error instanceof ConnectorError && ['rejected', 'gone', 'noAccess'].includes(error.kind);

async function fetchAll(input: { connection: OpenConnection; recordType: string; ids: string[] }): Promise<Rec[]> {
  const { connection, ids } = input;
  const recordType = await connection.recordType(input.recordType);
  if (!recordType) {
    throw new ConnectorError({
      kind: 'rejected',
      code: 'record_type.unknown',
      text: {
        en: `The app has no record type "${input.recordType}" any more.`,
        ru: `В приложении больше нет типа записи «${input.recordType}».`,
      },
    });
  }
  const { get, getMany } = recordType;
  if (getMany) return getMany(connection.api, ids);
  if (!get) return [];
  const records = await Promise.all(ids.map((id) => get(connection.api, id)));
  return records.filter((record) => record !== null);
}

/**
 * Puts the fields of referenced records beside their id and label, for the references that the paths go through:
 * `contact.phone` loads the contact. A reference that cannot be loaded keeps its id.
 */
export async function loadReferences(
  ctx: Context,
  input: { connection: OpenConnection; fields: Field[]; values: Values; paths: string[]; loader: Loader },
): Promise<Values> {
  const wanted = new Map<string, string[]>();
  for (const path of input.paths) {
    const [head, ...rest] = path.split('.');
    if (head === undefined) continue;
    const field = input.fields.find(({ key }) => key === head);
    if (field?.type !== 'reference' || field.target === undefined) continue;
    wanted.set(head, [...(wanted.get(head) ?? []), ...(rest.length > 0 ? [rest.join('.')] : [])]);
  }
  const loaded = await Promise.all(
    [...wanted].map(async ([key, paths]) => {
      const field = input.fields.find((candidate) => candidate.key === key);
      const value = input.values[key];
      if (field?.target === undefined || value === undefined || value === null) return [];
      return [[key, await follow(ctx, { ...input, target: field.target, value, paths })] as const];
    }),
  );
  return { ...input.values, ...Object.fromEntries(loaded.flat()) };
}

async function follow(
  ctx: Context,
  input: { connection: OpenConnection; target: string; value: Value; paths: string[]; loader: Loader },
): Promise<Value> {
  if (Array.isArray(input.value)) {
    return Promise.all(input.value.slice(0, mostListed).map((value) => follow(ctx, { ...input, value })));
  }
  const id = referenceId(input.value);
  if (id === null) return input.value;
  const record = await input.loader.load(input.connection, input.target, id);
  if (!record) return input.value;
  const fields = await fieldsOf(ctx, { connection: input.connection, recordType: input.target });
  const values = await loadReferences(ctx, { ...input, fields, values: record.values });
  return { ...values, ...(input.value as Record<string, Json>), id, label: record.label ?? id };
}

function referenceId(value: Value): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return typeof value.id === 'string' && value.id !== '' ? value.id : null;
}
