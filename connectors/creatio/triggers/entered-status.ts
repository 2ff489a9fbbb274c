import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Choice } from '../../../kit/field.ts';
import type { FormValues } from '../../../kit/form.ts';
import type { Cursor } from '../../../kit/record-type.ts';
import type { Text } from '../../../kit/text.ts';
import type { Trigger, TriggerItem, TriggerPage } from '../../../kit/trigger.ts';
import type { CreatioApi } from '../api.ts';
import type { Row } from '../dialect.ts';
import { declared } from '../names.ts';
import { readChanges, startOf } from '../records/changes.ts';
import { toRecs } from '../records/read.ts';
import { schemaOf } from '../schema.ts';
import { guidOf } from '../values.ts';

/**
 * There is no history of statuses to read, so the cursor remembers which records stand in the chosen status, each as a
 * short mark: whoever shows up in it and was not there has entered. The longest unchanged are forgotten first.
 */
const mostRemembered = 3000;
const cursorSchema = z.object({ place: z.json(), inside: z.array(z.string()), status: z.string() });

interface Definition {
  entity: 'Case' | 'Lead';
  /** The lookup, the usual one first: which of them a lead has, the versions do not agree on. */
  columns: [string, ...string[]];
  key: string;
  label: Text;
  help: Text;
}

const markOf = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 9);
const idIn = (settings: FormValues): string => guidOf(settings.status) ?? '';

/** Who stood in the status before the beginning: they have not entered it since. */
async function alreadyInside(
  api: CreatioApi,
  definition: Definition,
  begin: { status: string; at: string },
): Promise<string[]> {
  const { entity } = definition;
  const column = await columnOf(api, definition);
  const { guid, time } = api.dialect;
  const filter = `${column}/Id eq ${guid(begin.status)} and ModifiedOn lt ${time(begin.at)}`;
  const rows = await api.listAll(entity, { filter, select: ['Id'], order: 'ModifiedOn desc' }, mostRemembered);
  return rows.flatMap(({ Id }) => (typeof Id === 'string' ? [markOf(Id.toLowerCase())] : [])).reverse();
}

async function columnOf(api: CreatioApi, { entity, columns }: Definition): Promise<string> {
  const { byKey } = await schemaOf(api, entity);
  return columns.find((column) => byKey.has(column)) ?? columns[0];
}

async function choiceOf(api: CreatioApi, definition: Definition, status: string): Promise<Choice> {
  const schema = await schemaOf(api, definition.entity);
  const found = schema.byKey
    .get(await columnOf(api, definition))
    ?.field.choices?.find((choice) => choice.id === status);
  return found ?? { id: status, label: status };
}

async function itemsOf(api: CreatioApi, definition: Definition, found: { rows: Row[]; status: string }) {
  const { rows, status } = found;
  if (rows.length === 0) return [];
  const { id, label } = await choiceOf(api, definition, status);
  const records = await toRecs(api, definition.entity, rows);
  return records.map((record): TriggerItem => {
    const at = record.changedAt;
    return {
      // The same entrance has the same change time however often it is read; a later one has another.
      key: `${record.id}:${status}:${at ?? ''}`,
      recordId: record.id,
      record,
      details: { enteredStatus: { id, label }, ...(at ? { seenAt: at } : {}) },
      ...(at ? { at } : {}),
    };
  });
}

async function poll(
  api: CreatioApi,
  definition: Definition,
  input: { cursor: Cursor | null; since?: Date; settings: FormValues },
): Promise<TriggerPage> {
  const status = idIn(input.settings);
  const kept = cursorSchema.safeParse(input.cursor);
  if (!kept.success || kept.data.status !== status) {
    const place = await startOf(api, definition.entity, input.cursor === null ? input.since : undefined);
    const inside = await alreadyInside(api, definition, { status, at: place.at });
    return { items: [], next: { place: { ...place }, inside, status }, more: true };
  }
  const { rows, next, more } = await readChanges(api, definition.entity, { cursor: kept.data.place });
  const inside = new Set(kept.data.inside);
  const column = await columnOf(api, definition);
  const entered: Row[] = [];
  for (const row of rows) {
    const mark = markOf(String(row.Id).toLowerCase());
    const wasInside = inside.delete(mark);
    if (guidOf(row[`${column}Id`]) !== status) continue;
    inside.add(mark);
    if (!wasInside) entered.push(row);
  }
  const items = await itemsOf(api, definition, { rows: entered, status });
  return { items, next: { place: { ...next }, inside: [...inside].slice(-mostRemembered), status }, more };
}

function enteredStatus(definition: Definition): Trigger<CreatioApi> {
  const { entity, columns, key, label, help } = definition;
  const recordType = declared[entity]?.key ?? entity;
  return {
    key: `${recordType}.${key}`,
    label,
    help,
    recordType,
    about: [...columns],
    settings: [
      {
        key: 'status',
        label: entity === 'Case' ? { en: 'Status', ru: 'Состояние' } : { en: 'Stage', ru: 'Стадия' },
        type: 'select',
        required: true,
        choicesOf: `${recordType}.${columns[0]}`,
      },
    ],
    describe: async () => [
      {
        key: 'enteredStatus',
        label:
          entity === 'Case'
            ? { en: 'Status that was entered', ru: 'Состояние, в которое перешло' }
            : { en: 'Stage that was entered', ru: 'Стадия, на которую перешёл' },
        type: 'choice',
        readOnly: true,
      },
      {
        key: 'seenAt',
        label: { en: 'When it was noticed there', ru: 'Когда замечено' },
        type: 'datetime',
        readOnly: true,
      },
    ],
    poll: (api, input) => poll(api, definition, input),
    async newest(api, { limit, settings }) {
      const status = idIn(settings);
      const filter = `${await columnOf(api, definition)}/Id eq ${api.dialect.guid(status)}`;
      const { rows } = await api.list(entity, {
        ...(status === '' ? {} : { filter }),
        order: 'ModifiedOn desc',
        top: limit,
      });
      return itemsOf(api, definition, { rows, status });
    },
  };
}

const help: Text = {
  en: 'Seen by asking every few minutes: a record that only passes through the status between two looks is not noticed. Records that stand in it when the flow starts have not entered it.',
  ru: 'Замечается опросом раз в несколько минут: запись, которая побывала в нём между двумя опросами, не будет замечена. Записи, которые уже там при запуске связки, не считаются.',
};

export const caseEnteredStatus = enteredStatus({
  entity: 'Case',
  columns: ['Status'],
  key: 'enteredStatus',
  label: { en: 'Case entered a status', ru: 'Обращение перешло в состояние' },
  help,
});

export const leadEnteredStage = enteredStatus({
  entity: 'Lead',
  columns: ['QualifyStatus', 'Status'],
  key: 'enteredStage',
  label: { en: 'Lead entered a stage', ru: 'Лид перешёл на стадию' },
  help,
});
