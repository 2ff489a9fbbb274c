import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { servePage } from '../page-server.ts';
import { startWorld, type World, type WorldState } from '../world.ts';

/** The outside world with its page, as the page uses it. */
export interface Sandbox {
  url: string;
  world: World;
  state(): Promise<WorldState>;
  ask(method: string, path: string, body: unknown): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

export async function startSandbox(stateFile?: string): Promise<Sandbox> {
  const world = await startWorld({ port: 0, stateFile });
  const page = await servePage(world, { host: '127.0.0.1', port: 0 });
  return {
    url: page.url,
    world,
    state: async () => (await (await fetch(`${page.url}/api/world`)).json()) as WorldState,
    async ask(method, path, body) {
      const answer = await fetch(`${page.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: await answer.json() };
    },
    async stop() {
      await page.stop();
      await world.stop();
    },
  };
}

/** Listens as Mostik would, and keeps what it was told. */
export async function listen(): Promise<{ server: Server; url: string; calls: { path: string; body: string }[] }> {
  const calls: { path: string; body: string }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      calls.push({ path: request.url ?? '', body });
      response.end('{}');
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}
