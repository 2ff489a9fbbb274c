import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { isApiRequest } from './guard.ts';
import { notFound, sendProblem } from './problem.ts';

const webBundle = fileURLToPath(new URL('../../web/dist', import.meta.url));

const noBundle = `The screens are not built yet. Build them with: npm run web
Экраны ещё не собраны. Соберите их командой: npm run web
`;

/** Serves the web bundle; addresses of screens all lead to index.html, and the browser's router goes on from there. */
export async function serveWeb(app: FastifyInstance, bundle = webBundle): Promise<void> {
  const built = existsSync(join(bundle, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: bundle,
      cacheControl: false,
      setHeaders: (reply, path) => void reply.header('cache-control', cachingOf(relative(bundle, path))),
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (isApiRequest(request) || !reads || !isScreen(request.url)) {
      return sendProblem(reply, notFound());
    }
    if (!built) return reply.code(503).type('text/plain; charset=utf-8').send(noBundle);
    return reply.sendFile('index.html');
  });
}

/** Files have an ending, screens have none. */
const isScreen = (url: string): boolean => {
  const path = url.split('?', 1)[0] ?? '';
  return !path.startsWith('/hooks/') && !path.startsWith('/assets/') && !/\.[a-z0-9]+$/i.test(path);
};

/** Vite puts a hash of the content into the names under assets/. */
const cachingOf = (path: string): string =>
  /^assets[/\\]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
