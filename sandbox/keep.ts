import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Bitrix24StandIn } from '../connectors/bitrix24/stand-in.ts';
import { type Stand, tableOf } from '../connectors/creatio/stand-in/stand.ts';
import type { BpmonlineStandIn, CreatioStandIn } from '../connectors/creatio/stand-in.ts';
import type { HubexStandIn } from '../connectors/hubex/stand-in.ts';
import type { WebhookStandIn } from '../connectors/webhook/stand-in.ts';

/** Maps, sets and times as JSON, and back. */
function pack(this: Record<string, unknown>, key: string, packed: unknown): unknown {
  const value = this[key];
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  return packed;
}

function unpack(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$date' in value) return new Date(String(value.$date));
  if ('$map' in value) return new Map(value.$map as [unknown, unknown][]);
  if ('$set' in value) return new Set(value.$set as unknown[]);
  return value;
}

export interface Apps {
  bitrix24: Bitrix24StandIn;
  hubex: HubexStandIn;
  creatio: CreatioStandIn;
  bpmonline: BpmonlineStandIn;
  webhook: WebhookStandIn;
}

/** The sections of a stand of Creatio; its lookups have the same ids after every start. */
const sections = ['Account', 'Contact', 'Lead', 'Case', 'ContactCommunication', 'AccountCommunication'];

const rowsOf = (stand: Stand) => new Map(sections.map((object) => [object, tableOf(stand, object).rows]));

function restoreRows(stand: Stand, kept: ReturnType<typeof rowsOf>): void {
  for (const [object, rows] of kept) {
    const table = tableOf(stand, object);
    table.rows = rows;
    table.version += 1;
  }
}

/** What people and Mostik wrote; dictionaries, tokens and switches stay those of the program. */
function contentOf({ bitrix24, hubex, webhook, creatio, bpmonline }: Apps): object {
  const { items, history, addresses, nextId } = bitrix24.portal;
  const { companies, contacts, locations, assets, tasks, stamps } = hubex.tenant;
  return {
    format: 1,
    bitrix24: { items, history, addresses, nextId },
    hubex: { companies, contacts, locations, assets, tasks, stamps },
    webhook: { items: webhook.items, ledger: webhook.ledger, inbox: webhook.inbox },
    creatio: rowsOf(creatio.stand),
    bpmonline: rowsOf(bpmonline.stand),
  };
}

/** The state of all apps as text: two equal texts, nothing happened between. */
const textOf = (apps: Apps): string => JSON.stringify(contentOf(apps), pack);

const map = z.instanceof(Map);
/** Written by us alone: a look at its form is enough, so that a broken file is told from a good one. */
const kept = z.object({
  format: z.literal(1),
  bitrix24: z.object({ items: map, history: z.array(z.any()), addresses: z.array(z.any()), nextId: z.number() }),
  hubex: z.object({
    companies: map,
    contacts: map,
    locations: map,
    assets: map,
    tasks: map,
    stamps: z.instanceof(Set),
  }),
  webhook: z.object({ items: z.array(z.any()), ledger: z.array(z.any()), inbox: z.array(z.any()) }),
  /** Files of the time before Creatio have none. */
  creatio: z.custom<ReturnType<typeof rowsOf>>((value) => value instanceof Map).optional(),
  bpmonline: z.custom<ReturnType<typeof rowsOf>>((value) => value instanceof Map).optional(),
});

export type Kept = z.infer<typeof kept>;

/** Puts what was kept into freshly started apps. */
export function restore({ bitrix24, hubex, webhook, creatio, bpmonline }: Apps, state: Kept): void {
  Object.assign(bitrix24.portal, state.bitrix24);
  Object.assign(hubex.tenant, state.hubex);
  // Its ids begin at 101 and nothing is ever deleted.
  Object.assign(webhook, state.webhook, { nextId: 101 + state.webhook.items.length });
  if (state.creatio) restoreRows(creatio.stand, state.creatio);
  if (state.bpmonline) restoreRows(bpmonline.stand, state.bpmonline);
  continueNumbers(hubex);
}

/** New ids go on after the largest that was ever given: Mostik remembers the old ones. */
function continueNumbers({ tenant }: HubexStandIn): void {
  const messages = [...tenant.tasks.values()].flatMap((task) => task.messages.map(({ id }) => id));
  const known = [tenant.companies, tenant.contacts, tenant.locations, tenant.assets, tenant.tasks];
  let last = Math.max(5128, ...messages, ...known.flatMap((rows) => [...rows.keys()]));
  tenant.nextID = () => ++last;
}

/** What the file keeps; null when there is none yet. */
export async function readState(file: string): Promise<Kept | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return kept.parse(JSON.parse(text, unpack));
  } catch (error) {
    throw new Error(`${file} is not a state of the sandbox. Delete it to begin anew.`, { cause: error });
  }
}

/** Whole or not at all: a stop in the middle leaves the former state. */
async function writeState(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

/** Writes the state a moment after it changed. */
export function createKeeper({ apps, file }: { apps: Apps; file: string | undefined }) {
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
