import type { Choice, Field, Json, Value } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import {
  dayIn,
  elements,
  fold,
  isEmpty,
  momentIn,
  print,
  readBoolean,
  readNumber,
  readWhen,
  toInstant,
} from './reading.ts';

export interface ConvertOptions {
  /** IANA zone of the flow: dates without one are in it. */
  zone: string;
}

/** The value as the field takes it, null when it is empty, or why it cannot be one: words that follow the name of the field. */
export type Converted = { value: Value } | { problem: Text };

/**
 * Where the value comes from. chosen: a person chose it for this very field, so an id means this field's choice.
 * mapped: it comes from another field, whose ids are its own, so a label decides before an id.
 */
export type Origin = 'chosen' | 'mapped';

/** Makes a value what the target field takes. */
export function convert(input: { value: Value; field: Field; origin: Origin; options: ConvertOptions }): Converted {
  const { value, field } = input;
  if (field.type === 'json') return { value: isEmpty(value) ? null : value };
  if (isEmpty(value)) return { value: null };
  if (field.list) return convertList(input);
  if (Array.isArray(value)) {
    const found = elements(value);
    const joined = field.type === 'text' || field.type === 'address';
    return convertOne({ ...input, value: joined ? print(found) : (found[0] ?? null) });
  }
  return convertOne(input);
}

/** The types whose lists people write in one line: "a, b; c". */
const splits = new Set<Field['type']>(['phone', 'email', 'choice', 'number', 'date']);

function convertList(input: Parameters<typeof convert>[0]): Converted {
  const parts = elements(input.value).flatMap((element) => splitUp(element, input.field));
  const list: Value[] = [];
  for (const part of parts) {
    const converted = convertOne({ ...input, value: part });
    if ('problem' in converted) return converted;
    if (converted.value !== null) list.push(converted.value);
  }
  return { value: list.length === 0 ? null : list };
}

function splitUp(element: Value, field: Field): Value[] {
  if (typeof element !== 'string' || !splits.has(field.type)) return [element];
  if (field.type === 'choice' && field.choices?.some((choice) => isCalled(choice, element))) return [element];
  const separator = field.type === 'number' ? /[;\n]/ : /[,;\n]/;
  return element.split(separator).filter((part) => part.trim() !== '');
}

function convertOne({ value, field, origin, options }: Parameters<typeof convert>[0]): Converted {
  const { zone } = options;
  switch (field.type) {
    case 'text':
    case 'phone':
    case 'email':
    case 'url':
    case 'address':
      return bounded(print(value).trim(), field);
    case 'number':
      return known(readNumber(value), value, { en: '"{value}" is not a number', ru: '«{value}» — не число' });
    case 'boolean':
      return known(readBoolean(value), value, {
        en: '"{value}" is neither yes nor no',
        ru: '«{value}» — не «да» и не «нет»',
      });
    case 'date': {
      const when = readWhen(print(value), zone);
      return known(when && dayIn(when, zone), value, { en: '"{value}" is not a date', ru: '«{value}» — не дата' });
    }
    case 'datetime': {
      const when = readWhen(print(value), zone);
      return known(when && toInstant(momentIn(when, zone)), value, {
        en: '"{value}" is not a date and time',
        ru: '«{value}» — не дата и время',
      });
    }
    case 'choice':
      return toChoice(value, field, origin);
    case 'reference':
      return field.choices ? toChoice(value, field, origin) : { value: toReference(value) };
    case 'file':
      return known(isFile(value) ? value : null, value, { en: '"{value}" is not a file', ru: '«{value}» — не файл' });
    case 'json':
      return { value };
  }
}

const known = (result: Value, value: Value, problem: Text): Converted =>
  result === null ? { problem: fill(problem, { value: short(print(value)) }) } : { value: result };

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

function bounded(text: string, field: Field): Converted {
  if (text === '') return { value: null };
  // A text has at most as many characters as UTF-16 units.
  if (field.maxLength === undefined || text.length <= field.maxLength) return { value: text };
  const length = [...text].length;
  if (length <= field.maxLength) return { value: text };
  return {
    problem: fill(
      {
        en: 'the text has {length} characters, the field takes {most}; shorten it with the formula truncate',
        ru: 'в тексте {length} знаков, поле вмещает {most}; сократите его формулой truncate',
      },
      { length, most: field.maxLength },
    ),
  };
}

const isFile = (value: Value): boolean =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && 'id' in value && 'name' in value;

function toReference(value: Value): Value {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return { id: print(value) };
  const { id, label } = value;
  // Loaded references carry their record's fields along: the other side wants to know the record only.
  return typeof label === 'string' ? { id: print(id ?? null), label } : { id: print(id ?? null) };
}

function toChoice(value: Value, field: Field, origin: Origin): Converted {
  const { id, label } = wordsOf(value);
  if (!field.choices) return { value: { id: id ?? label ?? '', label: label ?? id ?? '' } };
  const found = findChoice(field.choices, { id, label, origin });
  if (found.length === 1 && found[0]) return { value: pick(found[0]) };
  // An object's id belongs to the field it comes from, unless a person chose it for this one.
  const isOwnID = origin === 'chosen' || label === undefined || id === label;
  if (found.length === 0 && field.openChoices && id !== undefined && isOwnID)
    return { value: { id, label: label ?? id } };
  return { problem: fill(noChoice(found.length, origin), { value: short(label ?? id ?? '') }) };
}

function noChoice(found: number, origin: Origin): Text {
  if (found > 1) {
    return {
      en: 'there are several choices "{value}": choose one by its code',
      ru: 'вариантов «{value}» несколько: выберите один по коду',
    };
  }
  return origin === 'chosen'
    ? { en: 'the choice "{value}" is no longer there', ru: 'варианта «{value}» больше нет' }
    : { en: 'there is no choice "{value}"', ru: 'варианта «{value}» нет' };
}

/** A bare value may be an id or a label. */
function wordsOf(value: Value): { id?: string; label?: string } {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { id: print(value), label: print(value) };
  const { id, label } = value as Record<string, Json>;
  return {
    ...(typeof id === 'string' || typeof id === 'number' ? { id: String(id) } : {}),
    ...(typeof label === 'string' && label !== '' ? { label } : {}),
  };
}

function findChoice(choices: Choice[], wanted: { id?: string; label?: string; origin: Origin }): Choice[] {
  const { id, label, origin } = wanted;
  const byId = choices.filter((choice) => choice.id === id);
  const byLabel = label === undefined ? [] : choices.filter((choice) => fold(choice.label) === fold(label));
  // A chosen `{ id, label }` is a choice of this field: the id decides, its label may have been renamed since.
  if (origin === 'chosen') return byId.length > 0 || (id !== undefined && id !== label) ? byId : byLabel;
  // A bare word is an id first. An object's id belongs to the field it comes from: it counts only beside the same label.
  if (id !== undefined && (label === undefined || id === label)) return byId.length > 0 ? byId : byLabel;
  const both = byLabel.filter((choice) => choice.id === id);
  return both.length > 0 ? both : byLabel;
}

const isCalled = (choice: Choice, text: string): boolean => choice.id === text || fold(choice.label) === fold(text);

const pick = ({ id, label }: Choice): Value => ({ id, label });
