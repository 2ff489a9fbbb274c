import type { FieldView } from '../../../server/connections/contract.ts';

export type ChildrenOf = (path: string[]) => FieldView[] | undefined;

/** Where keys lead: the fields on the way, their own keys, and what is left when nothing has that name. */
export interface Walked {
  chain: FieldView[];
  keys: string[];
  rest: string[];
}

/**
 * Follows keys through described fields. A field's own key may hold dots (`timesheet.completed`): the longest that is
 * there wins. Places in a list are no fields.
 */
export function walkFields(path: string[], childrenOf: ChildrenOf): Walked {
  const walked: Walked = { chain: [], keys: [], rest: path };
  while (walked.rest.length > 0) {
    if (/^\d+$/.test(walked.rest[0] ?? '')) {
      walked.rest = walked.rest.slice(1);
      continue;
    }
    const found = longest(walked.rest, childrenOf(walked.keys));
    if (!found) break;
    walked.chain.push(found.field);
    walked.keys.push(found.field.key);
    walked.rest = walked.rest.slice(found.length);
  }
  return walked;
}

function longest(rest: string[], fields: FieldView[] | undefined) {
  for (let length = rest.length; length > 0; length--) {
    const key = rest.slice(0, length).join('.');
    const field = fields?.find((each) => each.key === key);
    if (field) return { field, length };
  }
  return undefined;
}
