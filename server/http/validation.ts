import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { fill, type Text } from '../../kit/text.ts';
import { Problem } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** Checks a part of a request by its schema. Fastify passes null for a body that did not come. */
export const checkBySchema: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const part = httpPart === 'body' && data === null ? undefined : data;
    const checked = schema.safeParse(part, { reportInput: true });
    return checked.success ? { value: checked.data } : { error: invalid(checked.error.issues) };
  };

function invalid(issues: Issue[]): Problem {
  return new Problem({
    status: 422,
    code: 'http.invalid',
    text: { en: 'Some fields are not filled in correctly.', ru: 'Некоторые поля заполнены неправильно.' },
    errors: issues.slice(0, 100).map((issue) => ({ pointer: pointer(issue.path), text: words(issue) })),
  });
}

/** RFC 6901. */
const pointer = (path: PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const required: Text = { en: 'Fill this in.', ru: 'Заполните это поле.' };

function words(issue: Issue): Text {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined || issue.input === null) return required;
      return fill(
        { en: 'Expected here: {type}.', ru: 'Здесь ожидается: {type}.' },
        { type: typeNames[issue.expected] ?? issue.expected },
      );
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return required;
      return fill(bounds(issue.origin, 'least'), { bound: String(issue.minimum) });
    case 'too_big':
      return fill(bounds(issue.origin, 'most'), { bound: String(issue.maximum) });
    case 'invalid_format':
      return formats[issue.format] ?? { en: 'This does not have the expected form.', ru: 'Неправильный формат.' };
    case 'invalid_value':
      return fill(
        { en: 'One of these is expected: {values}.', ru: 'Ожидается одно из значений: {values}.' },
        { values: issue.values.map(String).join(', ') },
      );
    case 'unrecognized_keys':
      return fill({ en: 'Not known here: {keys}.', ru: 'Неизвестные поля: {keys}.' }, { keys: issue.keys.join(', ') });
    case 'custom':
      return issue.message && issue.message !== 'Invalid input' ? issue.message : unexpected;
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
      return unexpected;
  }
}

const unexpected: Text = { en: 'This value does not fit here.', ru: 'Такое значение здесь не подходит.' };

const typeNames: Record<string, Text> = {
  string: { en: 'text', ru: 'текст' },
  number: { en: 'a number', ru: 'число' },
  int: { en: 'a whole number', ru: 'целое число' },
  boolean: { en: 'true or false', ru: 'true или false' },
  object: { en: 'an object', ru: 'объект' },
  record: { en: 'an object', ru: 'объект' },
  array: { en: 'a list', ru: 'список' },
};

const formats: Record<string, Text> = {
  email: { en: 'This is not an e-mail address.', ru: 'Это не адрес электронной почты.' },
  url: { en: 'This is not a web address.', ru: 'Это не веб-адрес.' },
  uuid: { en: 'This is not an identifier (UUID).', ru: 'Это не идентификатор (UUID).' },
  datetime: {
    en: 'Give date and time as 2026-01-31T12:00:00Z.',
    ru: 'Укажите дату и время в виде 2026-01-31T12:00:00Z.',
  },
};

function bounds(origin: string, which: 'least' | 'most'): Text {
  const least = which === 'least';
  switch (origin) {
    case 'string':
      return least
        ? { en: 'At least {bound} characters.', ru: 'Минимум символов: {bound}.' }
        : { en: 'At most {bound} characters.', ru: 'Максимум символов: {bound}.' };
    case 'array':
      return least
        ? { en: 'At least {bound} items.', ru: 'Минимум элементов: {bound}.' }
        : { en: 'At most {bound} items.', ru: 'Максимум элементов: {bound}.' };
    default:
      return least
        ? { en: 'At least {bound}.', ru: 'Не меньше {bound}.' }
        : { en: 'At most {bound}.', ru: 'Не больше {bound}.' };
  }
}
