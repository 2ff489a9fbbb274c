import { ActionIcon, Popover, Select, Text, UnstyledButton } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FilterRule, Operator } from '../../../server/flows/contract.ts';
import { useText } from '../../ui/text.ts';
import { useEditor } from '../editor/context.ts';
import { FieldIcon } from '../source/field-icon.tsx';
import { FieldPicker } from '../source/field-picker.tsx';
import { useSourceGroups } from '../source/groups.ts';
import classes from './filter.module.css';
import { RuleValue } from './rule-value.tsx';
import { operatorsOf, shapeOf, withField, withOperator } from './rules.ts';

interface Props {
  rule: FilterRule;
  onChange(rule: FilterRule): void;
  onRemove(): void;
}

/** One condition: field, comparison, value; said aloud as one thing. */
export function FilterRuleRow({ rule, onChange, onRemove }: Props) {
  const { source, problems } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const { chain } = source.resolve(rule.field.split('.'));
  const field = chain.length > 0 ? chain.at(-1) : undefined;
  const name = chain.map((each) => text(each.label)).join(' › ') || rule.field;
  const problem = problems.find((each) => each.card === 'filter' && rule.field !== '' && each.field === rule.field);
  const offered = operatorsOf(field);
  const operators = offered.includes(rule.operator) ? offered : [rule.operator, ...offered];
  const type = field?.type ?? 'text';
  const words = (operator: Operator) =>
    type === 'date' || type === 'datetime' ? t(`operatorsOfDates.${operator}`) : t(`operators.${operator}`);
  return (
    <div role="group" aria-label={name || t('filter.rule')}>
      <div className={classes.rule} data-valueless={shapeOf(rule.operator) === 'none' || undefined}>
        <RuleField
          name={name}
          type={field?.type}
          error={problem !== undefined}
          onPick={(path) => onChange(withField(rule, path.join('.'), source.resolve(path).chain.at(-1)))}
        />
        <div className={classes.operator}>
          <Select
            aria-label={t('filter.operator')}
            data={operators.map((operator) => ({ value: operator, label: words(operator) }))}
            value={rule.operator}
            allowDeselect={false}
            onChange={(operator) => operator && onChange(withOperator(rule, operator as Operator))}
            maxDropdownHeight={360}
          />
        </div>
        <div className={classes.value}>
          <RuleValue rule={rule} field={field} onChange={onChange} label={t('filter.valueOf', { field: name })} />
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          className={classes.remove}
          aria-label={t('filter.removeRule', { field: name })}
          onClick={onRemove}
        >
          <IconX size={16} />
        </ActionIcon>
      </div>
      {problem && (
        <Text size="sm" c="var(--state-broken)" mt={4}>
          {text(problem.text)}
        </Text>
      )}
    </div>
  );
}

interface FieldProps {
  name: string;
  type: Parameters<typeof FieldIcon>[0]['type'] | undefined;
  error: boolean;
  onPick(path: string[]): void;
}

function RuleField({ name, type, error, onPick }: FieldProps) {
  const { t } = useTranslation('flows');
  const groups = useSourceGroups().slice(0, 1);
  const [open, setOpen] = useState(name === '');
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.field}
          data-error={error || undefined}
          aria-haspopup="dialog"
          aria-label={t('filter.field', { field: name })}
          onClick={() => setOpen(!open)}
        >
          {type && <FieldIcon type={type} />}
          {name || (
            <Text component="span" c="dimmed">
              {t('source.chooseField')}
            </Text>
          )}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={8} aria-label={t('source.chooseField')}>
        {open && (
          <FieldPicker
            groups={groups}
            onPick={(path) => {
              onPick(path.slice(1));
              setOpen(false);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
