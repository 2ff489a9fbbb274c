import { startBitrix24StandIn } from '../connectors/bitrix24/stand-in.ts';
import { startBpmonlineStandIn, startCreatioStandIn } from '../connectors/creatio/stand-in.ts';
import { startHubexStandIn } from '../connectors/hubex/stand-in.ts';
import { serveWebhookStandIn, type WebhookStandIn } from '../connectors/webhook/stand-in.ts';
import { noFaults } from '../kit/testing/stand-in.ts';
import { type Apps, createKeeper, readState, restore } from './keep.ts';
import { describeRecords, textsOf } from './records.ts';
import { createWatch } from './watch.ts';

/** In the order of their ports. */
export const appKeys = ['bitrix24', 'hubex', 'webhook', 'creatio', 'bpmonline'] as const;
export type AppKey = (typeof appKeys)[number];

/** How an app behaves towards Mostik. The page itself always works. */
export const moods = ['normal', 'slow', 'limited', 'down', 'tokenRefused'] as const;
export type Mood = (typeof moods)[number];

/** The addresses under which Mostik listens; null until it told us. */
export interface Hooks {
  bitrix24: string | null;
  hubex: string | null;
  creatio: string | null;
  form: string | null;
}

/** A form of the site as it went out, and what Mostik answered. */
export interface SentForm {
  at: number;
  name: string;
  status: number | null;
}

export interface World extends Apps {
  moods: Record<AppKey, Mood>;
  forms: SentForm[];
  hooks(): Hooks;
  setHooks(hooks: Hooks): void;
  setMood(app: AppKey, mood: Mood): void;
  /** Does what a person does on the page to the named record (null: to a new one), which therefore is not Mostik's doing. */
  byHand<T>(key: string | null, work: () => T | Promise<T>): Promise<T>;
  state(): WorldState;
  /** Calls back after everything that changed what `state` gives. */
  onChange(listener: () => void): () => void;
  stop(): Promise<void>;
}

export interface WorldState extends ReturnType<typeof describeRecords> {
  mostik: string | null;
  hooks: Record<keyof Hooks, boolean>;
  moods: Record<AppKey, Mood>;
  webhook: {
    forms: SentForm[];
    received: { kind: 'item' | 'call'; id: number | null; path: string; repeated: boolean; body: unknown }[];
  };
}

export interface WorldOptions {
  /** The first of the ports, one an app, that follow one another; 0 takes any free ones. */
  port: number;
  /** Where the state outlives the process. */
  stateFile?: string | undefined;
  /** Address of Mostik, for a link. */
  mostik?: string | null;
}

/** The token of HubEx's API user; fixed, so that a connection survives the restart of the demo. */
export const hubexToken = 'demo-4f6c1f0a-1f0e-4d86-9d0b-6f4f6f0a9c11';

/** Passwords of the integration's user and the secret in the calls of the business process; fixed for the same reason. */
export const creatioSecrets = { password: 'demo-creatio-Zx81', process: 'demo-process-7d1c9a52' };
export const bpmonlinePassword = 'demo-bpmonline-Q4m2';

/** How often the apps are looked at for what Mostik did. */
const lookEveryMs = 200;

/** Starts every app of the outside world. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const portOf = (app: AppKey) => (options.port === 0 ? {} : { port: options.port + appKeys.indexOf(app) });
  const kept = options.stateFile === undefined ? null : await readState(options.stateFile);
  const apps: Apps = {
    bitrix24: await startBitrix24StandIn(portOf('bitrix24')),
    hubex: await startHubexStandIn({ ...portOf('hubex'), serviceToken: hubexToken }),
    webhook: await serveWebhookStandIn(portOf('webhook')),
    creatio: await startCreatioStandIn({ ...portOf('creatio'), password: creatioSecrets.password }),
    bpmonline: await startBpmonlineStandIn({ ...portOf('bpmonline'), password: bpmonlinePassword }),
  };
  const { bitrix24, hubex, creatio, webhook } = apps;
  if (kept !== null) restore(apps, kept);

  const feelings = Object.fromEntries(appKeys.map((app) => [app, 'normal'])) as Record<AppKey, Mood>;
  const forms: SentForm[] = [];
  let hooks: Hooks = { bitrix24: null, hubex: null, creatio: null, form: null };
  const watch = createWatch(() => textsOf(apps));
  const keeper = createKeeper({ apps, file: options.stateFile });

  const described = (): WorldState => ({
    mostik: options.mostik ?? null,
    hooks: {
      bitrix24: hooks.bitrix24 !== null,
      hubex: hooks.hubex !== null,
      creatio: hooks.creatio !== null,
      form: hooks.form !== null,
    },
    moods: feelings,
    ...describeRecords(apps, watch),
    webhook: { forms, received: receivedBy(webhook) },
  });

  const listeners = new Set<() => void>();
  let told = '';
  const look = () => {
    watch.notice();
    keeper.look();
    const now = JSON.stringify(described());
    if (now === told) return;
    told = now;
    for (const listener of listeners) listener();
  };
  const timer = setInterval(look, lookEveryMs);

  return {
    ...apps,
    moods: feelings,
    forms,
    hooks: () => hooks,
    setHooks(given) {
      hooks = given;
      bitrix24.hooks.handlers.length = 0;
      if (given.bitrix24) bitrix24.hooks.register({ url: given.bitrix24 });
      hubex.tenant.webhooks.clear();
      if (given.hubex) hubex.registerWebhook(given.hubex);
      creatio.processes.clear();
      if (given.creatio)
        creatio.processes.register({
          url: given.creatio,
          secret: creatioSecrets.process,
          objects: ['Contact', 'Lead', 'Case'],
        });
    },
    setMood(app, mood) {
      feelings[app] = mood;
      Object.assign(apps[app].faults, noFaults(), faultsOf(mood));
    },
    async byHand(key, work) {
      watch.notice();
      const result = await watch.quietly(key, work);
      look();
      return result;
    },
    state() {
      watch.notice();
      return described();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(appKeys.map((app) => apps[app].stop()));
      await keeper.save();
    },
  };
}

function faultsOf(mood: Mood) {
  switch (mood) {
    case 'normal':
      return {};
    case 'slow':
      return { slowMs: 4000 };
    case 'limited':
      return { limited: true };
    case 'down':
      return { down: true };
    case 'tokenRefused':
      return { tokenRefused: true };
  }
}

/** Newest first: creates with their keys, and calls to any other path. */
function receivedBy(webhook: WebhookStandIn): WorldState['webhook']['received'] {
  const items = webhook.ledger.map(({ id, repeated, body }) => ({
    kind: 'item' as const,
    id,
    path: '/items',
    repeated,
    body,
  }));
  const calls = webhook.inbox.map(({ path, body }) => ({
    kind: 'call' as const,
    id: null,
    path,
    repeated: false,
    body,
  }));
  return [...items.toReversed(), ...calls.toReversed()].slice(0, 50);
}
