import { z } from 'zod';
import { ConnectorError } from '../../../kit/errors.ts';
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

/**
 * Answers in their order, fewer than questions where the stand stopped at the first that failed, whatever we prefer.
 * Null: this stand takes no batches in JSON.
 */
export async function askBatch(line: Line, questions: ListQuestion[]): Promise<(Page | ConnectorError)[] | null> {
  const { connection, dialect, about } = line;
  if (!dialect.batch || (await lacks(connection.memory, batchKey))) return null;
  const requests = questions.map(({ entity, ask }, index) => ({
    id: String(index),
    method: 'GET',
    url: line.pathOf(entity, ask).slice(dialect.service.length + 1),
    headers: dialect.readHeaders,
  }));
  let pages: (Page | ConnectorError)[];
  try {
    const headers = { ...dialect.writeHeaders, Prefer: 'continue-on-error' };
    const path = `${dialect.service}/$batch`;
    const response = await line.ask({ method: 'POST', path, headers, json: { requests } });
    const answer = answerSchema.safeParse(response.json());
    if (!answer.success) throw unexpected('$batch', answer.error);
    const byId = new Map(answer.data.responses.map((one) => [one.id, one]));
    const parts = questions.flatMap((_, index) => byId.get(String(index)) ?? []);
    if (parts.length === 0) throw unexpected('$batch', null);
    pages = parts.map((part) => partOf(part, about));
  } catch (error) {
    if (!line.isMissing(error)) throw error;
    await noteLack(connection.memory, batchKey, error);
    return null;
  }
  // What fails the one question alone would fail here too: only a refusal of its own is an answer.
  for (const page of pages) if (page instanceof ConnectorError && !isOwnRefusal(page)) throw page;
  return pages;
}

/** A refusal of one of several questions says nothing of the others; a failure of the stand does. */
export const isOwnRefusal = ({ kind }: ConnectorError): boolean => ['rejected', 'noAccess', 'gone'].includes(kind);

function partOf(part: z.infer<typeof answerSchema>['responses'][number], about: About): Page | ConnectorError {
  const text = JSON.stringify(part.body ?? null);
  const response = { status: part.status, headers: {}, text, json: () => JSON.parse(text) };
  return failureOf(response, about) ?? pageOf(part.body);
}
