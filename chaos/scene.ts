import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { ask, forkScript, temporaryFolder } from '../bench/processes.ts';
import { startEmbedded } from '../server/db/embedded.ts';
import { type Installation, installationIn, type Process, startProcess, untilReady } from './app.ts';
import { untilDone } from './database.ts';
import type { Faults } from './faults.ts';
import { type FlowOptions, type Prepared, prepareFlow } from './flow.ts';
import type { Stage } from './kind.ts';
import { reckon, type Sums } from './reckon.ts';

interface Sent {
  sent: number;
  accepted: number;
  posts: number;
  statuses: Record<string, number>;
}

export interface Ledger {
  calls: number;
  /** Calls with a key that was known already. */
  repeats: number;
  /** How often each fault was met. */
  met: Record<string, number>;
  /** Records made, by client. */
  records: Record<string, number>;
}

/** One installation with its flow, a sender and a target, each in a process of its own. */
export interface Scene {
  installation: Installation;
  /** Of the app's own PostgreSQL; its port stays the same over restarts. */
  databaseUrl: string;
  prepared: Prepared;
  target: string;
  start(command: 'start' | 'serve' | 'work'): Process;
  send(how: { rate: number; repeats?: boolean }): Promise<void>;
  sent(): Promise<Sent>;
  /** Resolves when so many deliveries were answered 200. */
  untilAccepted(count: number, seconds?: number): Promise<void>;
  ledger(): Promise<Ledger>;
  setFaults(faults: Partial<Omit<Faults, 'seed'>>): Promise<void>;
  /** Stops sending, lets everything come to its end, and compares the accounts. The short form cuts waits short. */
  finish(how?: { seconds?: number; hurry?: boolean }): Promise<Outcome>;
}

export interface Outcome extends Sums {
  faults: string[];
  sent: Sent;
  ledger: Ledger;
}

export interface SceneOptions extends FlowOptions {
  /** `one`: `start` with a PostgreSQL of its own. `split`: `serve` and `work` on one PostgreSQL; the caller starts `work`. */
  roles: 'one' | 'split';
  env?: Record<string, string>;
}

export const usual: SceneOptions = { repeatable: true, duplicates: 'skip', roles: 'one' };

/** Opens the scene; the first process, `start` or `serve`, runs when it resolves. */
export async function openScene(
  stage: Stage,
  options: SceneOptions = usual,
): Promise<Scene & { app: Process; workers: Process[] }> {
  const folder = await temporaryFolder();
  stage.onEnd(() => folder.remove());
  // The data folder is closed to others; the unprivileged user of the database passes through this one.
  await chmod(folder.path, 0o711);
  stage.logs.push(join(folder.path, 'app.log'));
  const target = await forkScript<{ url: string }>(new URL('./target.ts', import.meta.url).href, {
    CHAOS_REPEATABLE: options.repeatable ? 'yes' : 'no',
  });
  stage.onEnd(() => void target.child.kill());
  const databaseUrl = options.roles === 'split' ? await ownDatabase(stage, folder.path) : undefined;
  const installation = installationIn(folder.path, {
    env: options.env ?? {},
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
  const start = (command: 'start' | 'serve' | 'work') => {
    const process = startProcess(installation, command);
    stage.onEnd(() => process.stop());
    return process;
  };
  const app = start(options.roles === 'one' ? 'start' : 'serve');
  const workers = options.roles === 'one' ? [] : [start('work')];
  await untilReady(installation);
  const prepared = await prepareFlow(installation, target.said.url, options);
  const sender = await forkScript(new URL('./sender.ts', import.meta.url).href);
  stage.onEnd(() => void sender.child.kill());
  const url = databaseUrl ?? (await readFile(join(folder.path, 'database.url'), 'utf8')).trim();
  const ledger = async () => (await (await fetch(`${target.said.url}/ledger`)).json()) as Ledger;
  const sent = () => ask<Sent>(sender.child, { do: 'count' });
  return {
    app,
    workers,
    installation,
    databaseUrl: url,
    prepared,
    target: target.said.url,
    start,
    async send(how) {
      await ask(sender.child, { do: 'start', url: prepared.address, seed: stage.seed, ...how });
    },
    sent,
    async untilAccepted(count, seconds = 60) {
      const until = performance.now() + seconds * 1000;
      while ((await sent()).accepted < count) {
        if (performance.now() > until) throw new Error(`Fewer than ${count} deliveries were taken in ${seconds} s.`);
        await delay(50);
      }
    },
    ledger,
    async setFaults(faults) {
      await fetch(`${target.said.url}/faults`, {
        method: 'PUT',
        body: JSON.stringify({ seed: stage.seed, share: 0, kinds: [], slowMs: 0, ...faults }),
      });
    },
    async finish({ seconds = 120, hurry = stage.short } = {}) {
      const said = await ask<Sent>(sender.child, { do: 'stop' });
      await untilDone({ url, seconds, hurry });
      const truth = await ledger();
      const sums = await reckon({
        url,
        flowId: prepared.flowId,
        accepted: said.accepted,
        records: truth.records,
        options,
      });
      return { ...sums, sent: said, ledger: truth };
    },
  };
}

async function ownDatabase(stage: Stage, dataDir: string): Promise<string> {
  const database = await startEmbedded({ dataDir, log: pino({ level: 'silent' }) });
  stage.onEnd(() => database.stop());
  return database.url;
}
