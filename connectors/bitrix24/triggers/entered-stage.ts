import { z } from 'zod';
import { ConnectorError } from '../../../kit/errors.ts';
import type { Choice, Field, Json } from '../../../kit/field.ts';
import type { FormValues } from '../../../kit/form.ts';
import type { Cursor } from '../../../kit/record-type.ts';
import type { Text } from '../../../kit/text.ts';
import type { Trigger, TriggerItem } from '../../../kit/trigger.ts';
import type { HistoryRow } from '../answers.ts';
import { type Api, methods, PAGE, type Params } from '../api.ts';
import { DEAL, LEAD, schemaOf } from '../schema.ts';
import { toUtc } from '../values.ts';

/** The last history row that was read: its ID grows, so it also shows stages that were left before we looked. */
const cursorSchema = z.object({ lastId: z.number() });

const cursorLost = (): ConnectorError =>
  new ConnectorError({
    kind: 'startOver',
    code: 'bitrix24.cursor',
    text: {
      en: 'The place where we stopped reading the stage history is lost. We read anew from a day before the last successful ask.',
      ru: 'Место, на котором мы остановились при чтении истории стадий, потеряно. Читаем заново: с отступом в сутки от последнего удачного опроса.',
    },
  });

/**
 * Rows of the history. Counting from `start: 0` is documented for this list, `start: -1` is not; with `>ID` there are
 * few rows to count anyway.
 */
async function rowsOf(
  api: Api,
  entityTypeId: number,
  input: { filter: Params; order: 'ASC' | 'DESC' },
): Promise<HistoryRow[]> {
  const stage = entityTypeId === LEAD ? ['STATUS_ID'] : ['STAGE_ID', 'CATEGORY_ID'];
  const { value } = await api.run(
    methods.stageHistory({
      entityTypeId,
      filter: input.filter,
      order: { ID: input.order },
      select: ['ID', 'OWNER_ID', 'CREATED_TIME', 'TYPE_ID', ...stage],
      start: 0,
    }),
  );
  return value.items;
}

async function lastId(api: Api, entityTypeId: number, cursor: Cursor | null, since: Date | undefined): Promise<number> {
  if (cursor !== null) {
    const position = cursorSchema.safeParse(cursor);
    if (!position.success) throw cursorLost();
    return position.data.lastId;
  }
  // The newest is asked for first: a move that happens between the two calls then comes after the place we begin at.
  const [newest] = await rowsOf(api, entityTypeId, { filter: {}, order: 'DESC' });
  if (!since || !newest) return newest?.ID ?? 0;
  const filter: Params = { '>=CREATED_TIME': since.toISOString().replace(/\.\d+Z$/, '+00:00'), '<=ID': newest.ID };
  const [first] = await rowsOf(api, entityTypeId, { filter, order: 'ASC' });
  return first ? first.ID - 1 : newest.ID;
}

const stageOf = (row: HistoryRow): string => row.STAGE_ID ?? row.STATUS_ID ?? '';

const chosen = (settings: FormValues): string | null =>
  typeof settings.stage === 'string' && settings.stage !== '' ? settings.stage : null;

const labelled = (choices: Choice[] | undefined, id: string): Json => ({
  ...(choices?.find((one) => one.id === id) ?? { id, label: id }),
});

async function itemsOf(api: Api, entityTypeId: number, rows: HistoryRow[]): Promise<TriggerItem[]> {
  if (rows.length === 0) return [];
  let schema = await schemaOf(api, entityTypeId);
  const stages = () => schema.byKey.get('stage')?.field.choices;
  if (rows.some((row) => !stages()?.some((stage) => stage.id === stageOf(row))))
    schema = await schemaOf(api, entityTypeId, 'missing');
  const categories = schema.byKey.get('category')?.field.choices;
  return rows.map((row) => {
    const at = toUtc(row.CREATED_TIME, api.offset());
    return {
      key: String(row.ID),
      recordId: String(row.OWNER_ID),
      details: {
        stage: labelled(stages(), stageOf(row)),
        ...(row.CATEGORY_ID !== undefined && { category: labelled(categories, String(row.CATEGORY_ID)) }),
        ...(at && { enteredAt: at }),
      },
      ...(at && { at }),
    };
  });
}

async function detailFields(api: Api, entityTypeId: number): Promise<Field[]> {
  const schema = await schemaOf(api, entityTypeId);
  const stage = schema.byKey.get('stage')?.field.choices;
  const category = schema.byKey.get('category')?.field.choices;
  return [
    {
      key: 'stage',
      label: { en: 'Stage that was entered', ru: 'Стадия, на которую перешли' },
      type: 'choice',
      readOnly: true,
      ...(stage && { choices: stage }),
    },
    ...(category && entityTypeId === DEAL
      ? [
          {
            key: 'category',
            label: { en: 'Pipeline at that moment', ru: 'Воронка в этот момент' },
            type: 'choice' as const,
            readOnly: true,
            choices: category,
          },
        ]
      : []),
    {
      key: 'enteredAt',
      label: { en: 'When it was entered', ru: 'Когда перешли' },
      type: 'datetime',
      readOnly: true,
    },
  ];
}

function enteredStage(definition: {
  recordType: 'deal' | 'lead';
  entityTypeId: number;
  label: Text;
  help: Text;
  stageHelp: Text;
}): Trigger<Api> {
  const { recordType, entityTypeId, label, help, stageHelp } = definition;
  return {
    key: `${recordType}.enteredStage`,
    label,
    help,
    recordType,
    about: ['stage', 'category'],
    settings: [
      {
        key: 'stage',
        label: { en: 'Stage', ru: 'Стадия' },
        type: 'select',
        choicesOf: `${recordType}.stage`,
        help: stageHelp,
      },
    ],
    describe: (api) => detailFields(api, entityTypeId),
    async poll(api, { cursor, since, settings }) {
      const from = await lastId(api, entityTypeId, cursor, since);
      if (cursor === null && !since) return { items: [], next: { lastId: from }, more: false };
      const rows = await rowsOf(api, entityTypeId, { filter: { '>ID': from }, order: 'ASC' });
      const wanted = rows.filter((row) => chosen(settings) === null || stageOf(row) === chosen(settings));
      const next = { lastId: rows.at(-1)?.ID ?? from };
      return { items: await itemsOf(api, entityTypeId, wanted), next, more: rows.length >= PAGE };
    },
    async newest(api, { limit, settings }) {
      const stage = chosen(settings);
      const name = entityTypeId === LEAD ? 'STATUS_ID' : 'STAGE_ID';
      const rows = await rowsOf(api, entityTypeId, { filter: stage ? { [name]: stage } : {}, order: 'DESC' });
      return itemsOf(api, entityTypeId, rows.slice(0, limit));
    },
  };
}

const anyStage: Text = {
  en: 'Without a choice any stage counts; a filter can look at its name.',
  ru: 'Если не выбрать, подойдёт любая стадия; по её названию можно отобрать в фильтре.',
};

export const dealEnteredStage = enteredStage({
  recordType: 'deal',
  entityTypeId: DEAL,
  label: { en: 'Deal entered a stage', ru: 'Сделка перешла на стадию' },
  help: {
    en: 'From the stage history: no move is missed, also when the deal has gone on since. A new deal enters its first stage.',
    ru: 'По истории стадий: ни один переход не теряется, даже если сделка уже ушла дальше. Новая сделка тоже входит на свою первую стадию.',
  },
  stageHelp: anyStage,
});

export const leadEnteredStage = enteredStage({
  recordType: 'lead',
  entityTypeId: LEAD,
  label: { en: 'Lead entered a stage', ru: 'Лид перешёл на стадию' },
  help: {
    en: 'From the stage history: no move is missed, also when the lead has gone on since. A new lead enters its first stage.',
    ru: 'По истории стадий: ни один переход не теряется, даже если лид уже ушёл дальше. Новый лид тоже входит на свою первую стадию.',
  },
  stageHelp: anyStage,
});
