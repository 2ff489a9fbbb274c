import type { Text } from './text.ts';

/**
 * What a field holds. The value in a record has this form:
 * text, phone, email, url, address: string · number: number · boolean: boolean · date: 'YYYY-MM-DD' ·
 * datetime: ISO 8601 in UTC with 'Z', the vendor's precision kept · choice: Choice · reference: Reference ·
 * file: { id, name, size?, mimeType? } · json: any JSON. A field with `list` holds an array of these. An empty value is absent or null.
 */
export type FieldType =
  | 'text'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'choice'
  | 'reference'
  | 'phone'
  | 'email'
  | 'url'
  | 'address'
  | 'file'
  | 'json';

/** How the other side searches by a field: letter for letter, after its own normalisation, or as loose text that may miss. */
export type SearchKind = 'exact' | 'normalised' | 'text';

export interface Choice {
  id: string;
  label: string;
  /** Heads the choices in a list: the pipeline of a stage. */
  group?: string;
}

export interface Reference {
  id: string;
  label?: string;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Value = Json;
export type Values = Record<string, Value>;

export interface Field {
  key: string;
  label: Text;
  type: FieldType;
  list?: boolean;
  /** Needed when a record is created. */
  required?: boolean;
  /** Can be read only. */
  readOnly?: boolean;
  /** Can be written only. */
  writeOnly?: boolean;
  /** Can be set at creation and never again. */
  createOnly?: boolean;
  /** The vendor computes it (change time, counters, stage dates): it does not count as a change. */
  derived?: boolean;
  /** A user's own field. */
  custom?: boolean;
  /** Text of several lines. */
  multiline?: boolean;
  choices?: Choice[];
  /** There are more choices than are listed here: the id of another one passes, and the other side has the last word. */
  openChoices?: boolean;
  /** Reference: the key of the record type it points to; the picker and the loader follow it. */
  target?: string;
  /** Absent: the other side cannot search by it. */
  search?: SearchKind;
  /** Key of the list field with all values that a search by this one looks at: a contact is found by its second phone too. */
  searchedIn?: string;
  maxLength?: number;
  help?: Text;
}
