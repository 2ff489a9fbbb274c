import { ConnectorError } from '../../kit/errors.ts';
import type { Choice } from '../../kit/field.ts';
import type { CreatioApi } from './api.ts';
import type { Row } from './dialect.ts';
import type { Entity, Model } from './metadata.ts';

/** More values than a person would choose from: such a lookup is a reference to records. */
const mostChoices = 300;
const keptMs = 10 * 60_000;
/** A record may show a value that was added since; asking again at once would not find more. */
const askedAgainMs = 60_000;
const bigKey = (entity: string) => `manyValues.${entity}`;

/** The column people know a record by. */
export function displayOf(entity: Entity | undefined): string | null {
  const names = new Set(entity?.columns.map(({ name }) => name));
  return ['LeadName', 'Name', 'Number', 'Title', 'Subject', 'Caption', 'Code'].find((name) => names.has(name)) ?? null;
}

/**
 * Records of a section are no choices, even where there are few of them today. A section is known by its files or by
 * who owns its records.
 */
const isSection = (entity: Entity, model: Model): boolean =>
  model.has(`${entity.name}File`) || entity.columns.some(({ name }) => name === 'OwnerId' || name === 'AccountId');

interface Kept {
  at: number;
  choices: Promise<Choice[] | null>;
}
const kept = new WeakMap<CreatioApi, Map<string, Kept>>();

/** The values of lookups by name; null where one points to records rather than to values. */
export async function choicesOf(
  api: CreatioApi,
  targets: string[],
  freshness: 'kept' | 'missing' = 'kept',
): Promise<Map<string, Choice[] | null>> {
  const cache = kept.get(api) ?? new Map<string, Kept>();
  kept.set(api, cache);
  const isOld = (target: string): boolean => {
    const age = Date.now() - (cache.get(target)?.at ?? 0);
    return age >= (freshness === 'missing' ? askedAgainMs : keptMs);
  };
  const wanted = [...new Set(targets)].filter(isOld);
  const reading = read(api, wanted);
  for (const target of wanted)
    cache.set(target, { at: Date.now(), choices: reading.then((found) => found.get(target) ?? null) });
  reading.catch(() => {
    for (const target of wanted) cache.delete(target);
  });
  const found = await Promise.all(targets.map(async (target) => [target, await cache.get(target)?.choices] as const));
  return new Map(found.map(([target, choices]) => [target, choices ?? null]));
}

async function read(api: CreatioApi, targets: string[]): Promise<Map<string, Choice[] | null>> {
  const model = await api.model();
  const { memory } = api.connection;
  const asked: { entity: string; display: string }[] = [];
  for (const target of targets) {
    const entity = model.get(target);
    const display = displayOf(entity);
    if (!entity || display === null || isSection(entity, model)) continue;
    // A lookup that grew big stays a reference: a field must not change its kind back and forth.
    if ((await memory.get(bigKey(target))) !== true) asked.push({ entity: target, display });
  }
  const pages = await api.listMany(
    asked.map(({ entity, display }) => ({
      entity,
      ask: { select: ['Id', display], order: display, top: mostChoices + 1 },
    })),
  );
  const found = new Map<string, Choice[] | null>();
  for (const [index, { entity, display }] of asked.entries()) {
    const page = pages[index];
    // A lookup this user may not read: its ids are all we can show.
    if (page === undefined || page instanceof ConnectorError) continue;
    if (page.rows.length > mostChoices || page.next !== null) await memory.set(bigKey(entity), true);
    else
      found.set(
        entity,
        page.rows.flatMap((row) => choiceOf(row, display) ?? []),
      );
  }
  return found;
}

function choiceOf(row: Row, display: string): Choice | null {
  const { Id: id, [display]: label } = row;
  if (typeof id !== 'string') return null;
  return { id: id.toLowerCase(), label: typeof label === 'string' && label.trim() !== '' ? label : id.toLowerCase() };
}

/** Records of a lookup's target with exactly this name; two are enough to know that it is not the only one. */
export async function idsByName(api: CreatioApi, target: string, filter: string): Promise<string[]> {
  const page = await api.list(target, { select: ['Id'], filter, top: 2 });
  return page.rows.flatMap(({ Id }) => (typeof Id === 'string' ? [Id.toLowerCase()] : []));
}
