import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The target of the benchmark, in a process of its own: finds items by e-mail and creates them. Its ledger is the truth
 * about what was made. `GET /ledger` tells it, `DELETE /ledger` empties it.
 */
const byEmail = new Map<string, { id: number; made: number }>();
let made = 0;

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://target');
  const answer = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (request.method === 'GET' && url.pathname === '/items') {
    const found = byEmail.get(url.searchParams.get('email') ?? '');
    return answer(200, found ? [{ id: found.id, email: url.searchParams.get('email') }] : []);
  }
  if (url.pathname === '/ledger') {
    if (request.method === 'DELETE') {
      byEmail.clear();
      made = 0;
    }
    const doubled = [...byEmail.values()].filter((item) => item.made > 1).length;
    return answer(200, { made, distinct: byEmail.size, doubled });
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { email } = JSON.parse(Buffer.concat(chunks).toString()) as { email: string };
    made += 1;
    const known = byEmail.get(email);
    if (known) known.made += 1;
    else byEmail.set(email, { id: made, made: 1 });
    answer(201, { id: made, email });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
