import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Config, environmentVariable, readConfig } from './config.ts';
import type { Context } from './context.ts';
import { applyText } from './flows/apply.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const sandboxFile = fileOf('../sandbox/index.ts');
const flowsFile = fileOf('../sandbox/demo.yaml');

/** Who signs in to the demo. It listens on this computer alone unless HOST says otherwise. */
export const demoPerson = { email: 'demo@mostik.example', password: 'mostik-demo' };

/** The settings of the demo: a data folder of its own, and connections may call the stand-ins on this computer. */
export function demoConfig(): Config {
  const config = readConfig(undefined, { demo: true });
  return {
    ...config,
    allowHosts: [...config.allowHosts, '127.0.0.1'],
    adminEmail: config.adminEmail ?? demoPerson.email,
    adminPassword: config.adminPassword ?? demoPerson.password,
  };
}

export interface Sandbox {
  url: string;
  stop(): Promise<void>;
}

/** Runs the outside world as a process of its own, so that shipped code never imports a stand-in. */
export async function startSandbox(config: Config, mostikUrl: string): Promise<Sandbox> {
  if (!existsSync(sandboxFile)) throw new Error('The demo is not built yet: there is no sandbox.');
  const url = `http://127.0.0.1:${config.sandboxPort}`;
  const child = spawn(process.execPath, [sandboxFile], {
    env: { SANDBOX_PORT: String(config.sandboxPort), HOST: config.host, MOSTIK_URL: mostikUrl },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await opens(config.sandboxPort, child);
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

async function opens(port: number, child: ChildProcess): Promise<void> {
  for (const until = Date.now() + 20_000; ; await delay(50)) {
    if (child.exitCode !== null)
      throw new Error(`The sandbox ended with ${child.exitCode}. Is SANDBOX_PORT taken by another program?`);
    if (await isOpen(port)) return;
    if (Date.now() > until) throw new Error(`The sandbox does not answer at port ${port}.`);
  }
}

/** Makes the demo company's connections and flows; they stay as they are when they are there. */
export async function applyDemo(ctx: Context, sandbox: Sandbox): Promise<void> {
  const variables: Record<string, string> = { SANDBOX_URL: sandbox.url };
  await applyText(ctx, {
    text: await readFile(flowsFile, 'utf8'),
    file: flowsFile,
    variable: (name) => variables[name] ?? environmentVariable(name),
  });
}
