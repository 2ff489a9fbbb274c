import { ConnectorError } from '../../../kit/errors.ts';
import { type ListQuestion, mostRows } from '../api/read.ts';
import type { CreatioApi } from '../api.ts';
import type { Row } from '../dialect.ts';

const mostAtOnce = 20;

/** Questions about many ids or values in parts, each as short as a stand takes it. */
export function inParts<T>(api: CreatioApi, values: T[], questionOf: (part: T[]) => ListQuestion): ListQuestion[] {
  if (values.length === 0) return [];
  const question = questionOf(values);
  const fits = values.length <= mostAtOnce && api.isShort(question);
  if (fits || values.length === 1) return [question];
  const half = Math.ceil(values.length / 2);
  const size = values.length > mostAtOnce ? mostAtOnce : half;
  return [values.slice(0, size), values.slice(size)].flatMap((part) => inParts(api, part, questionOf));
}

/** The rows of several questions; one that was refused fails the whole, one that the server cut is asked to its end. */
export async function rowsOf(api: CreatioApi, questions: ListQuestion[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, page] of (await api.listMany(questions)).entries()) {
    if (page instanceof ConnectorError) throw page;
    rows.push(...page.rows);
    const question = questions[index];
    if (!question || page.next === null || page.rows.length === 0) continue;
    const { entity, ask } = question;
    const skip = page.rows.length;
    rows.push(...(await api.listAll(entity, { ...ask, skip }, (ask.top ?? mostRows) - skip)));
  }
  return rows;
}
