import { z } from 'zod';
import { ConnectorError } from '../../kit/errors.ts';

const schema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** An object from a form: JSON as text, or already parsed. */
export function parseIfText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Headers that a person or a mapping gave: name to value, empty ones left out. */
export function headersOf(value: unknown, field: string): Record<string, string> {
  if (value === undefined || value === null || value === '') return {};
  const given = schema.safeParse(parseIfText(value) ?? {});
  if (!given.success) {
    throw new ConnectorError({
      kind: 'rejected',
      code: 'webhook.bad_headers',
      field,
      text: {
        en: 'The headers are to be an object of texts, as in {"X-Source": "Mostik"}.',
        ru: 'Заголовки задаются объектом из строк, например {"X-Source": "Mostik"}.',
      },
      cause: given.error,
    });
  }
  return Object.fromEntries(
    Object.entries(given.data).flatMap(([name, text]) => (text === null || text === '' ? [] : [[name, String(text)]])),
  );
}
