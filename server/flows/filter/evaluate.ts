import type { Field, Values } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import type { FilterGroup, FilterRule } from '../contract.ts';
import { valueAt } from '../values/paths.ts';
import { capital, joined } from '../wording.ts';
import { type FilterOptions, holds, type Question, ruleProblem } from './operators.ts';
import { fact } from './words.ts';

interface FilterInput {
  filter: FilterGroup | null;
  /** The trigger's record with its references loaded. */
  data: Values;
  /** The field at a path as `contact.phone`; undefined when nobody described it. */
  fieldAt: (path: string) => Field | undefined;
  options: FilterOptions;
}

interface Verdict {
  passed: boolean;
  /** What decided: every reason of an "and" that held, the first that did not, and the other way round for an "or". */
  reasons: Text[];
  combinator: FilterGroup['combinator'];
}

/** Does the record pass, and which condition with which value decided? */
export function evaluateFilter(input: FilterInput): { passed: boolean; why: Text } {
  const verdict = input.filter ? groupVerdict(input.filter, input) : null;
  if (!verdict) return { passed: true, why: { en: 'There are no conditions', ru: 'Условий нет' } };
  return { passed: verdict.passed, why: capital(together(verdict)) };
}

/** Null: a group without rules has no say. */
function groupVerdict(group: FilterGroup, input: FilterInput): Verdict | null {
  const { combinator } = group;
  const verdicts: Verdict[] = [];
  for (const entry of group.rules) {
    const verdict = 'rules' in entry ? groupVerdict(entry, input) : ruleVerdict(entry, input);
    if (!verdict) continue;
    const decides = verdict.passed === (combinator === 'or');
    if (decides) return verdict;
    verdicts.push(verdict);
  }
  if (verdicts.length === 0) return null;
  return { passed: combinator === 'and', reasons: verdicts.map(nested(verdicts.length)), combinator };
}

/** A group inside a group stands in brackets when it has several reasons. */
const nested =
  (siblings: number) =>
  (verdict: Verdict): Text =>
    verdict.reasons.length > 1 && siblings > 1
      ? fill('({reasons})', { reasons: together(verdict) })
      : together(verdict);

function ruleVerdict(rule: FilterRule, input: FilterInput): Verdict {
  const question: Question = {
    rule,
    field: input.fieldAt(rule.field),
    value: valueAt(input.data, rule.field),
    options: input.options,
  };
  const label = labelOfPath(rule.field, input.fieldAt);
  const problem = ruleProblem(rule);
  if (problem) {
    return { passed: false, reasons: [fill('{label}: {problem}', { label, problem })], combinator: 'and' };
  }
  const passed = holds(question);
  return { passed, reasons: [fact(question, passed, label)], combinator: 'and' };
}

/** `Contact → Phone`. */
export function labelOfPath(path: string, fieldAt: FilterInput['fieldAt']): Text {
  const steps = path.split('.');
  const labels: Text[] = [];
  let from = 0;
  for (let to = 1; to <= steps.length; to++) {
    const label = fieldAt(steps.slice(0, to).join('.'))?.label;
    if (label === undefined && to < steps.length) continue;
    labels.push(label ?? steps.slice(from, to).join('.'));
    from = to;
  }
  return joined(labels, ' → ');
}

function together({ passed, reasons, combinator }: Verdict): Text {
  const shown = reasons.length > 5 ? [...reasons.slice(0, 5), '…'] : reasons;
  // What held in an "and" held together; what failed in an "or" failed together: both read as "and".
  return joined(shown, (combinator === 'and') === passed ? { en: ' and ', ru: ' и ' } : '; ');
}

/** Every path a filter reads. */
export function filterPaths(filter: FilterGroup | null): string[] {
  if (!filter) return [];
  const paths = filter.rules.flatMap((entry) => ('rules' in entry ? filterPaths(entry) : [entry.field]));
  return [...new Set(paths.filter((path) => path !== ''))];
}
