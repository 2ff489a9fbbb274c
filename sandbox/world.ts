import { type Bitrix24StandIn, startBitrix24StandIn } from '../connectors/bitrix24/stand-in.ts';
import { type HubexStandIn, startHubexStandIn } from '../connectors/hubex/stand-in.ts';
import { serveWebhookStandIn, type WebhookStandIn } from '../connectors/webhook/stand-in.ts';
import { noFaults } from '../kit/testing/stand-in.ts';
import { readState, restore, textOf, writeState } from './keep.ts';
import { type DealView, dealViews, pipelineViews, type TaskView, taskViews, urgencies } from './views.ts';

export const appKeys = ['bitrix24', 'hubex', 'webhook'] as const;
export type AppKey = (typeof appKeys)[number];

/** How an app behaves towards Mostik. The page itself always works. */
export const moods = ['normal', 'slow', 'limited', 'down', 'tokenRefused'] as const;
export type Mood = (typeof moods)[number];

/** What Mostik did to a record, so that a newcomer sees it happen. */
export interface Mark {
  how: 'created' | 'changed';
  at: number;
}

/** The addresses under which Mostik listens; null until it told us. */
export interface Hooks {
  bitrix24: string | null;
  hubex: string | null;
  form: string | null;
}

/** A form of the site as it went out, and what Mostik answered. */
export interface SentForm {
  at: number;
  name: string;
  status: number | null;
}

export interface World {
  bitrix24: Bitrix24StandIn;
  hubex: HubexStandIn;
  webhook: WebhookStandIn;
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

export interface WorldState {
  mostik: string | null;
  hooks: { bitrix24: boolean; hubex: boolean; form: boolean };
  moods: Record<AppKey, Mood>;
  bitrix24: {
    pipelines: ReturnType<typeof pipelineViews>;
    urgencies: ReturnType<typeof urgencies>;
    deals: (DealView & { mark: Mark | null })[];
  };
  hubex: { tasks: (TaskView & { mark: Mark | null })[] };
  webhook: {
    forms: SentForm[];
    received: { kind: 'item' | 'call'; id: number | null; path: string; repeated: boolean; body: unknown }[];
  };
}

export interface WorldOptions {
  /** The first of three ports that follow one another; 0 takes any free ones. */
  port: number;
  /** Where the state outlives the process. */
  stateFile?: string | undefined;
  /** Address of Mostik, for a link. */
  mostik?: string | null;
}

/** The token of HubEx's API user; fixed, so that a connection survives the restart of the demo. */
export const hubexToken = 'demo-4f6c1f0a-1f0e-4d86-9d0b-6f4f6f0a9c11';

/** How often the apps are looked at for what Mostik did. */
const lookEveryMs = 200;

/** Starts every app of the outside world. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const portOf = (place: number) => (options.port === 0 ? {} : { port: options.port + place });
  const kept = options.stateFile === undefined ? null : await readState(options.stateFile);
  const bitrix24 = await startBitrix24StandIn(portOf(0));
  const hubex = await startHubexStandIn({ ...portOf(1), serviceToken: hubexToken });
  const webhook = await serveWebhookStandIn(portOf(2));
  const apps = { bitrix24, hubex, webhook };
  if (kept !== null) restore(apps, kept);

  const feelings: Record<AppKey, Mood> = { bitrix24: 'normal', hubex: 'normal', webhook: 'normal' };
  const forms: SentForm[] = [];
  let hooks: Hooks = { bitrix24: null, hubex: null, form: null };
  const watch = createWatch(apps);
  const keeper = createKeeper({ apps, file: options.stateFile });

  const described = (): WorldState => ({
    mostik: options.mostik ?? null,
    hooks: { bitrix24: hooks.bitrix24 !== null, hubex: hooks.hubex !== null, form: hooks.form !== null },
    moods: feelings,
    bitrix24: {
      pipelines: pipelineViews(bitrix24),
      urgencies: urgencies(bitrix24),
      deals: dealViews(bitrix24).map((deal) => ({ ...deal, mark: watch.mark(`deal:${deal.id}`) })),
    },
    hubex: { tasks: taskViews(hubex).map((task) => ({ ...task, mark: watch.mark(`task:${task.id}`) })) },
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
      await Promise.all([bitrix24.stop(), hubex.stop(), webhook.stop()]);
      await keeper.save();
    },
  };
}

type Apps = Pick<World, AppKey>;

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

/** Tells what Mostik did from what was done on the page: everything that changed by itself was Mostik. */
function createWatch(apps: Apps) {
  const seen = new Map<string, string>();
  const marks = new Map<string, Mark>();
  const byPerson = new Set<string>();

  const now = (): Map<string, string> => {
    const deals = dealViews(apps.bitrix24).map((deal): [string, string] => [`deal:${deal.id}`, JSON.stringify(deal)]);
    const tasks = taskViews(apps.hubex).map((task): [string, string] => [`task:${task.id}`, JSON.stringify(task)]);
    return new Map([...deals, ...tasks]);
  };
  for (const [key, text] of now()) seen.set(key, text);

  function notice(): void {
    for (const [key, text] of now()) {
      const before = seen.get(key);
      if (before === text || byPerson.has(key)) continue;
      seen.set(key, text);
      marks.set(key, { how: before === undefined ? 'created' : 'changed', at: Date.now() });
    }
  }

  return {
    notice,
    mark: (key: string) => marks.get(key) ?? null,
    /** A record that is made here is made at once, so everything new right after the call is the person's. */
    async quietly<T>(key: string | null, work: () => T | Promise<T>): Promise<T> {
      if (key !== null) byPerson.add(key);
      try {
        const working = work();
        if (key === null) for (const [one, text] of now()) if (!seen.has(one)) seen.set(one, text);
        return await working;
      } finally {
        if (key !== null) {
          byPerson.delete(key);
          const text = now().get(key);
          if (text !== undefined) seen.set(key, text);
          marks.delete(key);
        }
      }
    },
  };
}

/** Writes the state a moment after it changed. */
function createKeeper({ apps, file }: { apps: Apps; file: string | undefined }) {
  let written = textOf(apps);
  let saving = Promise.resolve();
  const save = async (): Promise<void> => {
    const text = textOf(apps);
    if (file === undefined || text === written) return;
    written = text;
    saving = saving
      .then(() => writeState(file, text))
      .catch((error: unknown) => {
        process.stderr.write(`The state of the sandbox could not be written to ${file}: ${String(error)}\n`);
      });
    await saving;
  };
  let due: NodeJS.Timeout | undefined;
  return {
    look(): void {
      if (due || textOf(apps) === written) return;
      due = setTimeout(() => {
        due = undefined;
        void save();
      }, 300);
    },
    async save(): Promise<void> {
      clearTimeout(due);
      await save();
    },
  };
}
