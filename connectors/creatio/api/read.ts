import { ConnectorError } from '../../../kit/errors.ts';
import { type Ask, longestQuery, type Page, type Row } from '../dialect.ts';
import { askBatch, isOwnRefusal, mostBatched } from './batch.ts';
import type { Line } from './line.ts';

/** At most so many rows come in one answer, whatever is asked (MaxEntityRowCount). */
export const mostRows = 20_000;

export interface ListQuestion {
  entity: string;
  ask: Ask;
}

/** Records of a set, one or many. */
export function reading(line: Line) {
  const { dialect, ofSet, pathOf } = line;

  const isShort = ({ ask }: ListQuestion): boolean => line.queryOf(ask).length <= longestQuery;

  const plainList = async (entity: string, ask: Ask): Promise<Page> => {
    const question = { method: 'GET' as const, path: pathOf(entity, ask), headers: dialect.readHeaders };
    return dialect.page(await ofSet(entity, line.ask(question)));
  };

  /** A question too long for an address goes inside a body where the stand takes such, else without the names of references. */
  const list = async (entity: string, ask: Ask): Promise<Page> => {
    if (isShort({ entity, ask })) return plainList(entity, ask);
    const [page] = (await askBatch(line, [{ entity, ask }])) ?? [];
    if (page instanceof ConnectorError) throw page;
    const { expand: _, columns: __, ...shorter } = ask;
    return page ?? plainList(entity, shorter);
  };

  return {
    list,
    isShort,

    /** Answers of several lists, in order, each with its own refusal: in one call where the stand takes `$batch`. */
    async listMany(questions: ListQuestion[]): Promise<(Page | ConnectorError)[]> {
      const pages: (Page | ConnectorError)[] = [];
      while (questions.length > 1 && pages.length < questions.length) {
        const answers = await askBatch(line, questions.slice(pages.length, pages.length + mostBatched));
        if (answers === null) break;
        pages.push(...answers);
      }
      for (const { entity, ask } of questions.slice(pages.length)) pages.push(await settle(list(entity, ask)));
      return pages;
    },

    /** Every row, page by page, following the server's own pages where it has them; at most `limit`. */
    async listAll(entity: string, ask: Ask, limit: number): Promise<Row[]> {
      const rows: Row[] = [];
      for (;;) {
        const skip = (ask.skip ?? 0) + rows.length;
        const page = await list(entity, { ...ask, top: limit - rows.length, skip });
        rows.push(...page.rows);
        // A page that the server cut ends with the address of the next, or without a word; both go on by `$skip`.
        if (page.rows.length === 0 || rows.length >= limit) return rows;
      }
    },

    async get(entity: string, id: string): Promise<Row | null> {
      const path = `${dialect.service}/${dialect.one(entity, id)}`;
      const response = await line.askMaybe({ method: 'GET', path, headers: dialect.readHeaders });
      if (response) return dialect.row(response);
      // Not there: the record, or the whole set. A question for the set tells.
      if (!dialect.tellsSets) await list(entity, { select: ['Id'], top: 1 });
      return null;
    },
  };
}

const settle = (work: Promise<Page>): Promise<Page | ConnectorError> =>
  work.catch((error: unknown) => {
    if (error instanceof ConnectorError && isOwnRefusal(error)) return error;
    throw error;
  });
