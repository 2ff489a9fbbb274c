import { ConnectorError } from '../../kit/errors.ts';
import type { RecordType } from '../../kit/record-type.ts';
import type { Text } from '../../kit/text.ts';
import type { CreatioApi } from './api.ts';
import type { Entity, Model } from './metadata.ts';
import { declared, isSection } from './names.ts';
import { entityRecord } from './records/entity.ts';

/** Somebody who has just made an object and asks for it sees it this soon: over there it takes a minute or two too. */
const askedMs = 60_000;

/** As long as the objects are the same ones, so are the record types. */
const kept = new WeakMap<Model, Promise<RecordType<CreatioApi>[]>>();

/** Every other object of the stand, own ones («Usr…») included; without a change time there is nothing to ask for changes by. */
export async function discover(api: CreatioApi, options: { fresh?: boolean } = {}): Promise<RecordType<CreatioApi>[]> {
  const model = await api.model(options.fresh ? askedMs : undefined);
  const known = kept.get(model);
  if (known) return known;
  const types = readTypes(api, model);
  kept.set(model, types);
  types.catch(() => kept.delete(model));
  return types;
}

async function readTypes(api: CreatioApi, model: Model): Promise<RecordType<CreatioApi>[]> {
  const captions = await captionsOf(api, model);
  return [...model.values()]
    .filter(({ name, columns }) => !(name in declared) && columns.some((column) => column.name === 'Id'))
    .map((entity) => ({ rank: rankOf(entity), type: typeOf(entity, captions.get(entity.name)) }))
    .sort((a, b) => a.rank - b.rank || (a.type.key < b.type.key ? -1 : 1))
    .map(({ type }) => type);
}

const typeOf = ({ name, columns }: Entity, caption: Text | undefined): RecordType<CreatioApi> =>
  entityRecord(name, {
    hasChanges: columns.some((column) => column.name === 'ModifiedOn'),
    ...(caption === undefined ? {} : { caption }),
  });

/** Names are a comfort: a stand that cannot tell them just now is asked again the next time. */
async function captionsOf(api: CreatioApi, model: Model): Promise<Map<string, Text>> {
  try {
    return (await api.objectCaptions()) ?? new Map();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind === 'reconnect') throw error;
    kept.delete(model);
    return new Map();
  }
}

/** Rows that the application keeps for itself or behind a record: files, folders, tags, rights, views, settings. */
const technical = /^(Sys|Vw|Base)|(File|Folder|Tag|Right|InFolder|InTag|Communication|Address|Settings?|Log|Queue)$/;

/** What people link comes first: sections that everybody knows, objects of their own, then the rest. */
function rankOf({ name }: Entity): number {
  if (technical.test(name)) return 3;
  if (isSection(name)) return 0;
  return name.startsWith('Usr') ? 1 : 2;
}
