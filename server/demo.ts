import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMap, isSeq, parseDocument } from 'yaml';
import { type Config, ownAddress, readConfig } from './config.ts';
import { hookAddress, readConnections } from './connections/index.ts';
import type { Context } from './context.ts';
import { applyText } from './flows/apply/index.ts';

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

/** The page's port, then one for each app: what the connections of the demo call. */
const portOf = (config: Config, place: number): number => config.sandboxPort + place;

export interface Sandbox {
  url: string;
  /** Tells the apps of the outside world where Mostik listens, so that they call it as things happen. */
  tell(hooks: Record<'bitrix24' | 'hubex' | 'creatio' | 'form', string | null>): void;
  stop(): Promise<void>;
}

/** Runs the outside world as a process of its own, so that shipped code never imports a stand-in. */
export async function startSandbox(config: Config): Promise<Sandbox> {
  const child = spawn(process.execPath, [sandboxFile], {
    env: {
      SANDBOX_PORT: String(config.sandboxPort),
      SANDBOX_STATE: join(config.dataDir, 'sandbox.json'),
      HOST: config.host,
      MOSTIK_URL: config.publicUrl ?? ownAddress(config),
    },
    // The channel ends with us, however we end, and the child with it.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await opens(config.sandboxPort, child);
  return {
    url: `http://127.0.0.1:${config.sandboxPort}`,
    tell: (hooks) => void child.send({ hooks }),
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
      throw new Error(
        `The sandbox of the demo did not start. It needs port ${port} and the five after it; set SANDBOX_PORT to another one.`,
      );
    if (await isOpen(port)) return;
    if (Date.now() > until) throw new Error(`The sandbox does not answer at port ${port}.`);
  }
}

/** Makes the demo company's connections and flows. What a person changed or deleted since stays so. */
export async function applyDemo(ctx: Context, sandbox: Sandbox): Promise<void> {
  const text = await readFile(flowsFile, 'utf8');
  const there = await readConnections(ctx);
  await applyText(ctx, {
    text: there.length === 0 ? text : onlyConnections(text, new Set(there.map(({ name }) => name))),
    file: flowsFile,
    variable: (name) => addressOf(ctx.config, name),
  });
  sandbox.tell(await hooksOf(ctx));
}

/** Of a later start: the addresses of the connections that are still there, since SANDBOX_PORT may be another one. */
function onlyConnections(text: string, names: Set<string>): string {
  const document = parseDocument(text);
  const connections = document.get('connections');
  if (isSeq(connections))
    connections.items = connections.items.filter((one) => isMap(one) && names.has(String(one.get('name'))));
  document.delete('flows');
  return document.toString();
}

function addressOf(config: Config, name: string): string | undefined {
  const places: Record<string, number> = {
    SANDBOX_BITRIX24: 1,
    SANDBOX_HUBEX: 2,
    SANDBOX_WEBHOOK: 3,
    SANDBOX_CREATIO: 4,
    SANDBOX_BPMONLINE: 5,
  };
  const place = places[name];
  return place === undefined ? undefined : `http://127.0.0.1:${portOf(config, place)}`;
}

/** The inbound address of the first connection of each app, on this computer: the sandbox needs no public one. */
async function hooksOf(ctx: Context): Promise<Parameters<Sandbox['tell']>[0]> {
  const rows = await readConnections(ctx);
  const hookOf = (connector: string): string | null => {
    const row = rows.find((one) => one.connector === connector);
    return row ? ownAddress(ctx.config) + new URL(hookAddress(ctx, row.hook_key)).pathname : null;
  };
  return { bitrix24: hookOf('bitrix24'), hubex: hookOf('hubex'), creatio: hookOf('creatio'), form: hookOf('webhook') };
}

/** What a newcomer reads in the terminal, in both languages. */
export function welcomeToDemo(ctx: Context, sandbox: Sandbox): string {
  const { version, adminEmail, adminPassword, publicUrl } = ctx.config;
  const url = publicUrl ?? ownAddress(ctx.config);
  return `
  Mostik ${version}: демо-компания готова          Mostik ${version}: the demo company is ready

  Мостик · Mostik            ${url}
  Вход · Sign in             ${adminEmail}  ${adminPassword}
  Внешний мир · Outside      ${sandbox.url}

  1. Во внешнем мире перетащите сделку на стадию «Сервисная служба»: в HubEx появится заявка.
     In the outside world drag a deal to the stage «Сервисная служба»: a task appears in HubEx.
  2. Выполните заявку с комментарием и стоимостью: сделка перейдёт дальше и сохранит их.
     Complete the task with a comment and a cost: the deal moves on and keeps them.
  3. Переведите обращение Creatio в состояние «Передано инженеру», добавьте контакт или отправьте форму сайта.
     Move a case of Creatio to the status «Передано инженеру», add a contact, or send the form of the site.
  4. Откройте «История операций» в Мостике: там виден каждый шаг.
     Open the history in Mostik: every step is there.

`;
}
