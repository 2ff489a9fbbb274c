import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../connectors/bitrix24/stand-in/refusal.ts';
import { Refusal as CreatioRefusal } from '../connectors/creatio/stand-in/refusal.ts';
import { actions } from './page-actions.ts';
import type { World } from './world.ts';

const folder = new URL('./page/', import.meta.url);
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const security = {
  'content-security-policy': "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};
const bodyLimit = 100_000;

/** The page that plays the outside world, and the small API behind it. */
export async function servePage(
  world: World,
  options: { host: string; port: number },
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(world, request, response).catch((error: unknown) => refuse(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://sandbox').pathname;
  if (path === '/api/live') return live(world, response);
  if (path === '/api/world') return send(response, 200, world.state());
  if (!path.startsWith('/api/')) return file(path, response);
  const action = actions.find((one) => one.method === request.method && one.path.exec(path));
  if (!action) return send(response, 404, { error: 'Not Found' });
  // A page from elsewhere cannot send this type without asking first, and nobody answers such a question here.
  if (!request.headers['content-type']?.startsWith('application/json'))
    return send(response, 415, { error: 'Send application/json' });
  const body = await readBody(request);
  const [, ...caught] = action.path.exec(path) ?? [];
  send(response, 200, (await action.run(world, { caught, body })) ?? {});
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > bodyLimit) throw new Refusal(413, 'too_large', 'The body is too large');
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'no_json', 'The body is not JSON');
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.end();
  if (error instanceof z.ZodError) return send(response, 400, { error: z.prettifyError(error) });
  if (error instanceof Refusal || error instanceof CreatioRefusal)
    return send(response, error.status, { error: error.message });
  send(response, 500, { error: error instanceof Error ? error.message : String(error) });
}

/** The whole state at each change: it is small, and a page that was away needs nothing else. */
function live(world: World, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const push = () => response.write(`data: ${JSON.stringify(world.state())}\n\n`);
  push();
  const off = world.onChange(push);
  response.once('close', off);
}

async function file(path: string, response: ServerResponse): Promise<void> {
  const name = path === '/' ? 'index.html' : path.slice(1);
  const type = types[extname(name)];
  if (!type || !/^[a-z0-9-]+\.[a-z]+$/.test(name)) return send(response, 404, { error: 'Not Found' });
  try {
    const content = await readFile(new URL(name, folder));
    response.writeHead(200, { ...security, 'content-type': type, 'cache-control': 'no-cache' });
    response.end(content);
  } catch {
    send(response, 404, { error: 'Not Found' });
  }
}
