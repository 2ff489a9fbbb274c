import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { liveEvent } from '../flows/contract.ts';
import type { Identify } from './caller.ts';
import type { Live } from './live.ts';

const heartbeatMilliseconds = 20_000;
/** A reader that does not take what we send is let go: screens reconnect by themselves. */
const unreadBytes = 256 * 1024;

/** GET /api/v1/live: what changed, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function serveLive(app: FastifyInstance, options: { live: Live; identify: Identify }): void {
  const streams = new Set<() => void>();
  app.route({
    method: 'GET',
    url: '/api/v1/live',
    config: { right: 'signedIn' },
    exposeHeadRoute: false,
    schema: {
      summary: 'What changes, as server-sent events',
      tags: ['live'],
      response: { 200: { description: 'A stream of events', content: { 'text/event-stream': { schema: liveEvent } } } },
    },
    handler: (request, reply) => {
      const close = stream({ request, reply, ...options, closed: () => streams.delete(close) });
      streams.add(close);
    },
  });
  app.addHook('preClose', async () => {
    for (const close of streams) close();
  });
}

function stream(options: {
  request: FastifyRequest;
  reply: FastifyReply;
  live: Live;
  identify: Identify;
  closed: () => void;
}): () => void {
  const { request, reply, live, identify } = options;
  reply.hijack();
  const socket = reply.raw;
  socket.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // nginx would keep the events back: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
    'x-accel-buffering': 'no',
  });
  socket.write('retry: 2000\n\n');
  const unsubscribe = live.subscribe((event) => {
    socket.write(`data: ${JSON.stringify(event)}\n\n`);
    if (socket.writableLength > unreadBytes) socket.destroy();
  });
  const beat = async () => {
    socket.write(': alive\n\n');
    const { caller } = await identify(request);
    if (!caller) socket.end();
  };
  const heartbeat = setInterval(() => void beat().catch(() => socket.end()), heartbeatMilliseconds);
  socket.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
    options.closed();
  });
  return () => socket.end();
}
