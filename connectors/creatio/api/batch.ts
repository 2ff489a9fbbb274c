import { z } from 'zod';
import type { ConnectorError } from '../../../kit/errors.ts';
import type { Page } from '../dialect.ts';
import { type About, failureOf } from '../errors.ts';
import { lacks, noteLack } from '../lacks.ts';
import { pageOf } from '../odata4.ts';
import { unexpected } from '../unexpected.ts';
import type { Line } from './line.ts';
import type { ListQuestion } from './read.ts';

/** Requests in one `$batch`. */
export const mostBatched = 100;
/** A stand without `$batch` is remembered: older versions have none in JSON. */
const batchKey = 'batch';

const answerSchema = z.looseObject({
  responses: z.array(z.looseObject({ id: z.coerce.string(), status: z.number(), body: z.unknown().optional() })),
});

/** Null: this stand takes no batches in JSON. */
export async function askBatch(line: Line, questions: ListQuestion[]): Promise<(Page | ConnectorError)[] | null> {
  const { connection, dialect, about } = line;
  if (!dialect.batch || (await lacks(connection.memory, batchKey))) return null;
  const requests = questions.map(({ entity, ask }, index) => ({
    id: String(index),
    method: 'GET',
    url: line.pathOf(entity, ask).slice(dialect.service.length + 1),
    headers: dialect.readHeaders,
  }));
  try {
    const headers = { ...dialect.writeHeaders, Prefer: 'continue-on-error' };
    const path = `${dialect.service}/$batch`;
    const response = await line.ask({ method: 'POST', path, headers, json: { requests } });
    const answer = answerSchema.safeParse(response.json());
    if (!answer.success) throw unexpected('$batch', answer.error);
    const byId = new Map(answer.data.responses.map((one) => [one.id, one]));
    return questions.map((_, index) => partOf(byId.get(String(index)), about));
  } catch (error) {
    if (!line.isMissing(error)) throw error;
    await noteLack(connection.memory, batchKey, error);
    return null;
  }
}

function partOf(
  part: z.infer<typeof answerSchema>['responses'][number] | undefined,
  about: About,
): Page | ConnectorError {
  if (part === undefined) throw unexpected('$batch', null);
  const text = JSON.stringify(part.body ?? null);
  return (
    failureOf({ status: part.status, headers: {}, text, json: () => JSON.parse(text) }, about) ?? pageOf(part.body)
  );
}
