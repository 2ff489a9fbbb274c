import { ConnectorError } from '../../../kit/errors.ts';
import type { Field, Value } from '../../../kit/field.ts';
import type { Dictionary, HubexApi } from '../api.ts';
import { accessDenied } from '../refusals.ts';
import { dictionaryRow, type Named, type Row } from '../wire.ts';

/** A directory of HubEx as the choices of a field, with labels. */
export const choicesOf = (api: HubexApi, dictionary: Dictionary): Promise<Pick<Field, 'choices'>> =>
  choicesIn(() => api.dictionary(dictionary));

/** Deleted rows are left out. A directory that is empty or closed to our role gives no choices: then any id may be the right one. */
export async function choicesIn(ask: () => Promise<Row[]>): Promise<Pick<Field, 'choices'>> {
  const choices = (await whereAllowed(ask)).flatMap(({ id, row }) => {
    const entry = dictionaryRow.safeParse(row).data;
    if (!entry || entry.deleted !== undefined) return [];
    return [{ id, label: entry.name ?? entry.shortNameRu ?? entry.nameRu ?? id }];
  });
  return choices.length > 0 ? { choices } : {};
}

/** Rights are given over there one by one: a role that may not see one directory still works with the others. */
export async function whereAllowed(ask: () => Promise<Row[]>): Promise<Row[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConnectorError && error.code === accessDenied().code) return [];
    throw error;
  }
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
