import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Faults } from './faults.ts';
import { between, oneOf, type Random, randomOf } from './random.ts';

/**
 * The target, in a process of its own. Its ledger is the truth about what was made: `GET /ledger` tells it. It may be
 * told to fail (`PUT /faults`), before or after it did what was asked. A repeatable target makes one record for one
 * Idempotency-Key, however often it comes; the other one makes a record at every call.
 */
interface Item {
  id: number;
  client: string;
}

const isRepeatable = process.env.CHAOS_REPEATABLE !== 'no';
const items: Item[] = [];
const byClient = new Map<string, Item[]>();
const byKey = new Map<string, Item>();
const met: Record<string, number> = {};
let faults: Faults = { seed: 0, share: 0, kinds: [], slowMs: 0 };
let random: Random = randomOf(0, 'faults');
let calls = 0;
let repeats = 0;

function create(client: string, key: string | undefined): Item {
  const known = key === undefined ? undefined : byKey.get(key);
  if (known) repeats += 1;
  if (known && isRepeatable) return known;
  const item = { id: items.length + 1, client };
  items.push(item);
  byClient.set(client, [...(byClient.get(client) ?? []), item]);
  if (key !== undefined) byKey.set(key, item);
  return item;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function fail(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
  switch (fault) {
    case '429':
      response.writeHead(429, { 'retry-after': String(oneOf(random, [1, 2])) });
      response.end('slow down');
      return;
    case '500':
      response.writeHead(500);
      response.end('oops');
      return;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('<html>{"id":');
      return;
    case 'nothing':
      return;
    case 'close':
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id":');
      setTimeout(() => request.socket.destroy(), between(random, 1, 30));
  }
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://target');
  const text = await readText(request);
  if (url.pathname === '/faults') {
    faults = JSON.parse(text) as Faults;
    random = randomOf(faults.seed, 'faults');
    return answer(response, 200, {});
  }
  if (url.pathname === '/ledger') {
    const records = Object.fromEntries([...byClient].map(([client, made]) => [client, made.length]));
    return answer(response, 200, { calls, repeats, met, records });
  }
  calls += 1;
  if (faults.slowMs > 0) await delay(between(random, 0, faults.slowMs));
  const fault = random() < faults.share ? oneOf(random, faults.kinds) : null;
  // A call over the limit is not done; of the others nobody can tell from outside.
  const isApplied = fault === null || (fault !== '429' && random() < 0.5);
  if (fault) met[fault] = (met[fault] ?? 0) + 1;
  if (request.method === 'GET') {
    if (fault) return fail(request, response, fault);
    return answer(response, 200, byClient.get(url.searchParams.get('client') ?? '') ?? []);
  }
  const key = request.headers['idempotency-key'];
  const { client } = JSON.parse(text) as { client: string };
  const item = isApplied ? create(client, typeof key === 'string' ? key : undefined) : null;
  if (fault || !item) return fail(request, response, fault ?? '500');
  answer(response, 201, item);
}

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    response.writeHead(400);
    response.end(String(error));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
