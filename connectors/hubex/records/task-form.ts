import type { Field, Value } from '../../../kit/field.ts';
import type { HubexApi } from '../api.ts';
import { writeTime } from '../wire.ts';
import { choicesIn, choicesOf, wireID } from './choices.ts';
import { attributeFields } from './task-attributes.ts';
import { columns, type WireForm } from './task-fields.ts';

const dictionaryFields = ['taskType', 'workType', 'criticality', 'stage', 'status', 'requestMethod'] as const;
/** Larger lists help nobody in a drop-down. */
const mostAssets = 500;
const assetHelp = {
  en: 'The list shows the first 500 assets. Any other is mapped by its id.',
  ru: 'В списке первые 500 объектов. Любой другой сопоставляется по его id.',
};

/** The fields of the page with live choices, and the tenant's own ones. HubEx has no description of its fields to ask for. */
export async function describeTask(api: HubexApi): Promise<Field[]> {
  const [custom, assets, ...lists] = await Promise.all([
    attributeFields(api),
    choicesIn(() => api.assets(mostAssets)),
    ...dictionaryFields.map((name) => choicesOf(api, name)),
  ]);
  const live = new Map<string, Partial<Field>>(dictionaryFields.map((name, index) => [name, lists[index] ?? {}]));
  // Beyond the listed ones, or put up over there since the list was read.
  live.set('asset', { ...assets, openChoices: true, help: assetHelp });
  const fixed = columns.map(({ field }) => ({ ...field, ...live.get(field.key) }));
  return [...fixed, ...custom];
}

/** The members of a create or update body for the values of fixed columns; null clears. */
export function taskBody(values: Record<string, Value>, when: 'create' | 'update'): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { field, write } of columns) {
    const value = values[field.key];
    if (!write || value === undefined || (field.createOnly && when === 'update')) continue;
    if (value === null && when === 'create') continue;
    body[write.name] = value === null ? null : wireValue(write.form, value);
  }
  if (typeof body.notes === 'string') body.notesHtml = asHtml(body.notes);
  else if (body.notes === null) body.notesHtml = null;
  return body;
}

function wireValue(form: WireForm, value: Value): unknown {
  switch (form) {
    case 'id':
      return wireID(value);
    case 'number':
      return Number(value);
    case 'time':
      return writeTime(String(value));
    case 'text':
      return String(value);
  }
}

/** Lists show `notes`, the card shows `notesHtml`: both are sent. */
function asHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<p>${escaped.replace(/\r?\n/g, '<br>')}</p>`;
}

/** Our key for the name under which HubEx complains about a field. */
export const keyOfWireName = (name: string): string | undefined =>
  columns.find(({ write }) => write?.name.toLowerCase() === name.toLowerCase())?.field.key;
