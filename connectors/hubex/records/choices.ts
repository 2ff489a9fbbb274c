import type { Choice, Value } from '../../../kit/field.ts';
import type { Dictionary, HubexApi } from '../api.ts';
import { dictionaryRow, type Named } from '../wire.ts';

/** A directory of HubEx as choices with labels, deleted rows left out. */
export async function choicesOf(api: HubexApi, dictionary: Dictionary): Promise<Choice[]> {
  const rows = await api.dictionary(dictionary);
  return rows.flatMap(({ id, row }) => {
    const entry = dictionaryRow.safeParse(row).data;
    if (!entry || entry.deleted !== undefined) return [];
    return [{ id, label: entry.name ?? entry.shortNameRu ?? entry.nameRu ?? id }];
  });
}

export const choice = (named: Named | undefined): Value | undefined =>
  named && { id: named.id, label: named.name ?? named.id };

/** The id of a choice or reference, or a plain id; empty values have none. */
export function idOf(value: Value | undefined): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'object' && !Array.isArray(value)) return idOf(value.id);
  return String(value);
}

/** HubEx counts its ids; a value that is no number is sent as it is, so that its refusal names it. */
export function wireID(value: Value | undefined): number | string | null {
  const id = idOf(value);
  return id !== null && /^\d+$/.test(id) ? Number(id) : id;
}

/** Rows without members that have no value. */
export const present = <T>(members: Record<string, T | null | undefined>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, T] => entry[1] !== undefined && entry[1] !== null),
  );
