import type { RuleGroupType } from 'react-querybuilder';
import type { FieldView } from '../../../server/connections/contract.ts';
import { type FilterGroup, type FilterRule, type Operator, operatorsByType } from '../../../server/flows/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';

/** What the editor's tree keeps beside ours (ids of its rows) is left out. */
export function filterOf(group: RuleGroupType): FilterGroup {
  return {
    combinator: group.combinator === 'or' ? 'or' : 'and',
    rules: group.rules.map((rule) => ('rules' in rule ? filterOf(rule) : ruleOf(rule as unknown as FilterRule))),
  };
}

function ruleOf({ field, operator, value, by }: FilterRule): FilterRule {
  return { field, operator, ...(value === undefined ? {} : { value }), ...(by ? { by } : {}) };
}

/** No rules at all is no filter. */
export const withoutEmpty = (group: FilterGroup): FilterGroup | null => (group.rules.length === 0 ? null : group);

export function countRules(group: FilterGroup | null): number {
  return group?.rules.reduce((sum, rule) => sum + ('rules' in rule ? countRules(rule) : 1), 0) ?? 0;
}

/** Everything for a value nobody described. */
export const operatorsOf = (field: FieldView | undefined): readonly Operator[] =>
  operatorsByType[field?.type ?? 'json'];

/** What an operator is given to compare with. */
export type ValueShape = 'none' | 'one' | 'list' | 'range' | 'text' | 'days';

export function shapeOf(operator: Operator): ValueShape {
  switch (operator) {
    case 'empty':
    case 'notEmpty':
      return 'none';
    case 'inList':
    case 'notInList':
      return 'list';
    case 'between':
      return 'range';
    case 'withinDays':
      return 'days';
    case 'contains':
    case 'notContains':
    case 'startsWith':
    case 'endsWith':
    case 'matches':
      return 'text';
    case 'equals':
    case 'notEquals':
    case 'greater':
    case 'less':
    case 'before':
    case 'after':
      return 'one';
  }
}

/** Another field keeps the operator where it can, and never the value: it meant something else there. */
export function withField(rule: FilterRule, field: string, described: FieldView | undefined): FilterRule {
  const offered = operatorsOf(described);
  const operator = offered.includes(rule.operator) ? rule.operator : (offered[0] ?? 'equals');
  return { field, operator };
}

/** Another operator keeps the value where it still has the shape. */
export function withOperator(rule: FilterRule, operator: Operator): FilterRule {
  const before = shapeOf(rule.operator);
  const after = shapeOf(operator);
  if (before === after) return { ...rule, operator };
  return { field: rule.field, operator, ...valueFor(rule, after) };
}

function valueFor(rule: FilterRule, shape: ValueShape): { value?: JsonValue; by?: 'label' | 'id' } {
  const by = rule.by ? { by: rule.by } : {};
  const { value } = rule;
  if (shape === 'list' && value !== undefined && !Array.isArray(value)) return { value: [value], ...by };
  if (shape === 'one' && Array.isArray(value) && value[0] !== undefined) return { value: value[0], ...by };
  return {};
}
