import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type ActionProps,
  type CombinatorSelectorProps,
  generateID,
  insert,
  prepareRuleGroup,
  QueryBuilder,
  type RuleGroupType,
  type RuleProps,
} from 'react-querybuilder';
import type { FilterGroup, FilterRule } from '../../../server/flows/contract.ts';
import classes from './filter.module.css';
import { FilterRuleRow } from './filter-rule.tsx';
import { filterOf, withoutEmpty } from './rules.ts';

const nothing: FilterGroup = { combinator: 'and', rules: [] };
const asTree = (filter: FilterGroup | null) => prepareRuleGroup((filter ?? nothing) as unknown as RuleGroupType);

interface Props {
  filter: FilterGroup | null;
  onChange(filter: FilterGroup | null): void;
}
interface Handed {
  replace(path: number[], rule: FilterRule): void;
}

/** Groups of conditions joined by "and" or "or". It keeps a tree of its own, since rows need ids to hold their focus. */
export function FilterEditor({ filter, onChange }: Props) {
  const [tree, setTree] = useState(() => asTree(filter));
  const change = (next: RuleGroupType) => {
    setTree(next);
    onChange(withoutEmpty(filterOf(next)));
  };
  const handed: Handed = {
    replace: (path, rule) => change(insert(tree, { ...rule } as never, path, { replace: true }) as RuleGroupType),
  };
  return (
    <QueryBuilder
      query={tree}
      onQueryChange={(next) => change(next as RuleGroupType)}
      onAddRule={blankRule}
      onAddGroup={(group) => ({ ...group, rules: [blankRule()] }) as RuleGroupType}
      context={handed}
      controlElements={controls}
      controlClassnames={classNames}
    />
  );
}

const blankRule = () => ({ id: generateID(), field: '', operator: 'equals', value: '' });

const classNames = {
  queryBuilder: classes.builder,
  ruleGroup: classes.group,
  header: classes.header,
  body: classes.body,
};

const controls = {
  rule: Rule,
  combinatorSelector: Combinator,
  addRuleAction: AddRule,
  addGroupAction: AddGroup,
  removeGroupAction: RemoveGroup,
} as const;

function Rule({ rule, path, actions, context }: RuleProps) {
  const { id, ...kept } = rule;
  return (
    <FilterRuleRow
      rule={kept as unknown as FilterRule}
      onChange={(next) => (context as Handed).replace(path, { ...next, id } as FilterRule)}
      onRemove={() => actions.onRuleRemove(path)}
    />
  );
}

function Combinator({ value, handleOnChange, rules }: CombinatorSelectorProps) {
  const { t } = useTranslation('flows');
  if (rules.length < 2) return null;
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('filter.join')}
      value={value ?? 'and'}
      onChange={handleOnChange}
      data={[
        { value: 'and', label: t('filter.and') },
        { value: 'or', label: t('filter.or') },
      ]}
    />
  );
}

function AddRule({ handleOnClick }: ActionProps) {
  const { t } = useTranslation('flows');
  return (
    <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => handleOnClick()}>
      {t('filter.addRule')}
    </Button>
  );
}

function AddGroup({ handleOnClick, level, rules }: ActionProps) {
  const { t } = useTranslation('flows');
  // A group beside nothing joins nothing; three levels are as deep as anybody reads.
  if (level > 1 || !rules?.length) return null;
  return (
    <Button size="compact-sm" variant="subtle" color="gray" onClick={() => handleOnClick()}>
      {t('filter.addGroup')}
    </Button>
  );
}

function RemoveGroup({ handleOnClick }: ActionProps) {
  const { t } = useTranslation('flows');
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={t('filter.removeGroup')} onClick={() => handleOnClick()}>
      <IconX size={16} />
    </ActionIcon>
  );
}
