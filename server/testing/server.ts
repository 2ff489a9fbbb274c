import { randomBytes } from 'node:crypto';
import type { Connector } from '../../kit/connector.ts';
import { type Config, readConfig } from '../config.ts';
import type { Context } from '../context.ts';
import { createLogger } from '../logger.ts';
import { openContext, startRoles } from '../main.ts';
import { type Call, callerOf } from './call.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { passTime } from './pass-time.ts';

/** The administrator every test server has. */
export const administrator = { email: 'admin@example.com', password: 'correct horse battery' };

export interface TestServer {
  url: string;
  ctx: Context;
  /** The key `call` uses, for requests of one's own. */
  apiKey: string;
  /** As the administrator, typed by the contract. */
  call: Call;
  /** As a stranger, to a path of this server. */
  anonymous(path: string, init?: RequestInit): Promise<Response>;
  /** Works until no run is claimable any more. */
  processAll(): Promise<void>;
  /** Moves everything that waits for a time `seconds` nearer. */
  passTime(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  config?: Partial<Config>;
  /** A database that outlives the server: for restarts. Else the server has one of its own. */
  database?: TestDatabase;
  /** Works on background jobs (cron); default no. */
  jobs?: boolean;
  /** Works on runs by itself; with `false` only `processAll` of another server does. Default yes. */
  works?: boolean;
  /** Instead of the real connectors. */
  shelf?: Record<string, Connector>;
}

/** The whole server in this process, on a free port and a database of its own, with an administrator. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const database = options.database ?? (await createTestDatabase());
  const apiKey = randomBytes(24).toString('hex');
  const config: Config = {
    ...readConfig({}),
    port: 0,
    // With a key and a database given, nothing is ever written there.
    dataDir: '/nowhere/mostik-test',
    databaseUrl: database.url,
    secretKey: Buffer.alloc(32, 7),
    allowHosts: ['127.0.0.1'],
    adminEmail: administrator.email,
    adminPassword: administrator.password,
    apiKey,
    ...options.config,
  };
  const log = createLogger(readConfig().logLevel === 'info' ? 'silent' : readConfig().logLevel);
  const { ctx, close } = await openContext({ config, databaseUrl: database.url, log });
  if (options.shelf) ctx.shelf = options.shelf;
  const running = await startRoles(
    ctx,
    { serves: true, works: options.works ?? true },
    { jobs: options.jobs ?? false },
  );
  const url = running.url ?? '';
  return {
    url,
    ctx,
    apiKey,
    call: callerOf(url, { authorization: `Bearer ${config.apiKey}` }),
    anonymous: (path, init) => fetch(`${url}${path}`, init),
    processAll: () => running.drain(),
    passTime: (seconds) => passTime(ctx.pool, seconds),
    async stop() {
      await running.stop();
      await close();
      if (!options.database) await database.drop();
    },
  };
}
