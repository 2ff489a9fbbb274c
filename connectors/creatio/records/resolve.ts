import { ConnectorError } from '../../../kit/errors.ts';
import type { Value } from '../../../kit/field.ts';
import { fill } from '../../../kit/text.ts';
import type { CreatioApi } from '../api.ts';
import { quoted } from '../dialect.ts';
import { idsByName } from '../lookups.ts';
import type { LiveColumn } from '../schema.ts';
import { guidOf } from '../values.ts';

export const nameUnknown = 'creatio.name_unknown';

const wordsOf = (value: Value): { id: string; label: string } => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const text = String(value ?? '').trim();
    return { id: text, label: text };
  }
  const { id, label } = value;
  const text = typeof id === 'string' || typeof id === 'number' ? String(id).trim() : '';
  return { id: text, label: typeof label === 'string' && label.trim() !== '' ? label.trim() : text };
};

/**
 * The id a lookup is written and searched with. People map names as often as ids («ООО Ромашка» from another app): a
 * name is looked up among the values, else among the records, and must belong to exactly one.
 */
export async function resolveId(api: CreatioApi, column: LiveColumn, value: Value): Promise<string | null> {
  const { id, label } = wordsOf(value);
  const guid = guidOf(id);
  if (guid !== null) return guid;
  if (label === '' || /^[0-]+$/.test(label)) return null;
  const choices = column.field.choices?.filter((choice) => choice.label.toLowerCase() === label.toLowerCase()) ?? [];
  if (choices.length === 1 && choices[0]) return choices[0].id;
  const { target, display } = column;
  const found =
    target && display && choices.length === 0 ? await idsByName(api, target, `${display} eq ${quoted(label)}`) : [];
  if (found.length === 1 && found[0]) return found[0];
  throw unresolved(column, { label, several: found.length > 1 || choices.length > 1 });
}

const unresolved = (column: LiveColumn, about: { label: string; several: boolean }): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: about.several ? 'creatio.name_of_several' : nameUnknown,
    text: fill(
      about.several
        ? {
            en: '“{field}”: several records are called “{label}”. Map the id instead.',
            ru: '«{field}»: записей с названием «{label}» несколько. Сопоставьте id.',
          }
        : {
            en: '“{field}”: there is no record called “{label}”.',
            ru: '«{field}»: записи с названием «{label}» нет.',
          },
      { field: column.field.label, label: about.label },
    ),
    field: column.field.key,
  });
