import { z } from 'zod';
import type { HttpResponse } from '../../kit/http.ts';
import type { Text } from '../../kit/text.ts';
import { unexpected } from './unexpected.ts';

/** What the stand's own designer says of a column. */
export interface CaptionColumn {
  caption: Text | null;
  dataValueType: number | null;
  isRequired: boolean;
}

const columnSchema = z.looseObject({
  name: z.string(),
  caption: z.unknown().optional(),
  dataValueType: z.number().nullish(),
  isRequired: z.boolean().nullish(),
});
const answerSchema = z.looseObject({
  schema: z.looseObject({ columns: z.looseObject({ Items: z.record(z.string(), columnSchema) }) }),
});

/** One text, or one for each culture of the stand (`{"en-US": …, "ru-RU": …}`). */
function wordsOf(caption: unknown): Text | null {
  if (typeof caption === 'string') return caption.trim() === '' ? null : caption;
  const cultures = Object.entries(z.record(z.string(), z.string()).safeParse(caption).data ?? {}).filter(
    ([, words]) => words.trim() !== '',
  );
  const [, first] = cultures[0] ?? [];
  if (first === undefined) return null;
  const inCulture = (language: string) => cultures.find(([culture]) => culture.startsWith(language))?.[1] ?? first;
  return { en: inCulture('en'), ru: inCulture('ru') };
}

/** DataValueType of DataService: kinds that `$metadata` does not tell apart. */
export const valueTypes = { date: 8, time: 9 } as const;

/** The answer of `RuntimeEntitySchemaRequest` by column. */
export function captionsOf(response: HttpResponse): Map<string, CaptionColumn> {
  const answer = answerSchema.safeParse(response.json());
  if (!answer.success) throw unexpected('RuntimeEntitySchemaRequest', answer.error);
  return new Map(
    Object.values(answer.data.schema.columns.Items).map((column) => [
      column.name,
      {
        caption: wordsOf(column.caption),
        dataValueType: column.dataValueType ?? null,
        isRequired: column.isRequired ?? false,
      },
    ]),
  );
}

const objectsSchema = z.looseObject({
  collection: z.array(z.looseObject({ name: z.string(), caption: z.unknown().optional() })),
});

/**
 * The answer of `EntitySchemaManagerRequest`: every object with its caption (clio, `ModelBuilder.cs` and
 * `EntitySchemaResponse`). A name stands there once for each package that extends it.
 */
export function objectCaptionsOf(response: HttpResponse): Map<string, Text> {
  const answer = objectsSchema.safeParse(response.json());
  if (!answer.success) throw unexpected('EntitySchemaManagerRequest', answer.error);
  const captions = new Map<string, Text>();
  for (const { name, caption } of answer.data.collection) {
    const words = wordsOf(caption);
    if (words !== null && !captions.has(name)) captions.set(name, words);
  }
  return captions;
}
