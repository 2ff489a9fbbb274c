import { ConnectorError } from '../../../kit/errors.ts';
import type { ListQuestion } from '../api/read.ts';
import type { CreatioApi } from '../api.ts';
import type { Page, Row } from '../dialect.ts';

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

/** The rows of several answers; a part that was refused fails the whole. */
export function rowsOf(pages: (Page | ConnectorError)[]): Row[] {
  return pages.flatMap((page) => {
    if (page instanceof ConnectorError) throw page;
    return page.rows;
  });
}
