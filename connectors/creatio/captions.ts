import { z } from 'zod';
import type { HttpResponse } from '../../kit/http.ts';
import { unexpected } from './unexpected.ts';

/** What the stand's own designer says of a column. */
export interface CaptionColumn {
  caption: string | null;
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
        caption: typeof column.caption === 'string' && column.caption.trim() !== '' ? column.caption : null,
        dataValueType: column.dataValueType ?? null,
        isRequired: column.isRequired ?? false,
      },
    ]),
  );
}
