import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveWeb } from './web.ts';

let folder = '';
let app: FastifyInstance;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mostik-web-'));
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>Мостик</title>');
  await writeFile(join(folder, 'dist', 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, 'dist', 'assets', 'main-1a2b3c.js'), 'export {};');
  await writeFile(join(folder, 'secret.txt'), 'not for the web');
  app = Fastify();
  await serveWeb(app, join(folder, 'dist'));
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

it.each(['/', '/flows', '/flows/8f14e45f/history?state=dead', '/%D1%81%D0%B2%D1%8F%D0%B7%D0%BA%D0%B8'])(
  'shows the first page at %s, never from a stale cache',
  async (path) => {
    const answer = await app.inject(path);
    expect(answer).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-cache' } });
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.body).toContain('Мостик');
  },
);

it('lets files with a hash in the name be kept for ever, and no others', async () => {
  const hashed = await app.inject('/assets/main-1a2b3c.js');
  expect(hashed.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(hashed.headers['content-type']).toMatch(/javascript/);
  expect((await app.inject('/favicon.svg')).headers['cache-control']).toBe('no-cache');
});

it.each(['/assets/main-000000.js', '/robots.txt', '/hooks/some-key', '/api/v1/nothing'])(
  'says 404 at %s',
  async (path) => {
    expect((await app.inject(path)).statusCode).toBe(404);
  },
);

it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt'])(
  'shows nothing outside its folder: %s',
  async (path) => {
    expect((await app.inject(path)).body).not.toContain('not for the web');
  },
);

it('takes no writes', async () => {
  expect((await app.inject({ method: 'POST', url: '/flows' })).statusCode).toBe(404);
});
