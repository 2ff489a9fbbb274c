import { z } from 'zod';
import type { Json } from '../../kit/field.ts';
import {
  type Faults,
  type StandInRequest,
  type StandInResponse,
  type StandInServer,
  serveStandIn,
} from '../../kit/testing/stand-in.ts';

export interface StoredItem {
  id: number;
  [key: string]: Json;
}

export interface WebhookStandIn extends StandInServer {
  items: StoredItem[];
  /** Every create as it was asked for, also those that a key showed to be repeats. */
  ledger: { key: string | null; id: number; repeated: boolean; body: Json }[];
  /** Bodies posted to any other path. */
  inbox: { path: string; headers: Record<string, string>; body: Json }[];
  /** Whether `Idempotency-Key` is understood. */
  idempotent: boolean;
}

const bodySchema = z.record(z.string(), z.json());
const filterable = (item: StoredItem, name: string, value: string): boolean => String(item[name] ?? '') === value;

/** The app that our requests go to: keeps items, lets them be searched by any field, and knows repeats by their key. */
export async function serveWebhookStandIn(
  options: { port?: number; token?: string; idempotent?: boolean } = {},
): Promise<WebhookStandIn> {
  const state = {
    items: [] as StoredItem[],
    ledger: [] as WebhookStandIn['ledger'],
    inbox: [] as WebhookStandIn['inbox'],
    idempotent: options.idempotent ?? true,
    nextId: 101,
  };
  const server = await serveStandIn(
    (request, faults) => answer({ state, token: options.token, request, faults }),
    options.port === undefined ? {} : { port: options.port },
  );
  // The same object: tests switch and read it while it serves.
  return Object.assign(state, server);
}

interface Exchange {
  state: Omit<WebhookStandIn, keyof StandInServer> & { nextId: number };
  token: string | undefined;
  request: StandInRequest;
  faults: Faults;
}

function answer(exchange: Exchange): StandInResponse {
  const { request, faults, token } = exchange;
  if (faults.limited) return { status: 429, headers: { 'retry-after': '2' }, body: { error: 'Too Many Requests' } };
  const wrong = token !== undefined && request.headers.authorization !== `Bearer ${token}`;
  if (faults.tokenRefused || wrong) return { status: 401, body: { error: 'Unauthorized' } };
  const [, first, id] = request.path.split('/');
  if (first !== 'items') return receive(exchange);
  if (request.method === 'GET') return list(exchange);
  const body = readBody(request);
  if (body === null) return { status: 400, body: { error: 'The body is not a JSON object' } };
  if (request.method === 'POST' && id === undefined) return create(exchange, body);
  if (request.method === 'PATCH' && id !== undefined) return update(exchange, { id: Number(id), body });
  return { status: 405, body: { error: 'Method Not Allowed' } };
}

function readBody(request: StandInRequest): Record<string, Json> | null {
  try {
    return bodySchema.parse(JSON.parse(request.rawBody.toString()));
  } catch {
    return null;
  }
}

function receive({ state, request }: Exchange): StandInResponse {
  if (request.method === 'GET') return { status: 200, body: { ok: true } };
  state.inbox.push({ path: request.path, headers: request.headers, body: readBody(request) });
  return { status: 200, body: { received: state.inbox.length } };
}

function list({ state, request }: Exchange): StandInResponse {
  const filters = [...request.query];
  const found = state.items.filter((item) => filters.every(([name, value]) => filterable(item, name, value)));
  return { status: 200, body: { items: found.toReversed(), total: found.length } };
}

function create({ state, request }: Exchange, body: Record<string, Json>): StandInResponse {
  const key = request.headers['idempotency-key'] ?? null;
  const known = state.idempotent && key !== null ? state.ledger.find((entry) => entry.key === key) : undefined;
  if (known) {
    state.ledger.push({ ...known, repeated: true });
    return { status: 200, body: { item: { id: known.id } } };
  }
  const created = { ...body, id: state.nextId++ };
  state.items.push(created);
  state.ledger.push({ key, id: created.id, repeated: false, body });
  return { status: 201, body: { item: created } };
}

function update({ state }: Exchange, input: { id: number; body: Record<string, Json> }): StandInResponse {
  const item = state.items.find(({ id }) => id === input.id);
  if (!item) return { status: 404, body: { error: 'Not Found' } };
  Object.assign(item, input.body, { id: item.id });
  return { status: 200, body: { item } };
}
