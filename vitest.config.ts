import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['{kit,connectors,server,web,e2e,sandbox,bench,chaos,scripts}/**/*.test.ts'],
    globalSetup: ['server/testing/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One second, unless told, is less than a busy machine takes to draw a page.
    expect: { poll: { timeout: 20_000 } },
    // Each file may run a whole server and talk to one PostgreSQL.
    maxWorkers: 2,
    // The environment of the person who runs the tests must not change what they see.
    env: { TZ: 'UTC' },
  },
});
