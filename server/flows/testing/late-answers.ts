import { setTimeout as delay } from 'node:timers/promises';
import { type StandInRequest, type StandInServer, serveStandIn } from '../../../kit/testing/stand-in.ts';

/** Stands before a service: what matches is done at once over there, and its answer comes late. */
export function answerLate(
  service: string,
  matches: (request: StandInRequest) => boolean,
  milliseconds: number,
): Promise<StandInServer> {
  return serveStandIn(async (request) => {
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const answer = await fetch(`${service}${request.path}?${request.query}`, {
      method: request.method,
      headers,
      ...(request.rawBody.length > 0 ? { body: new Uint8Array(request.rawBody) } : {}),
    });
    const body = await answer.text();
    if (matches(request)) await delay(milliseconds);
    return {
      status: answer.status,
      headers: { 'content-type': answer.headers.get('content-type') ?? 'application/json' },
      body,
    };
  });
}
