import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FilterGroup, FilterRule } from '../../../server/flows/contract.ts';
import { useText } from '../../ui/text.ts';
import { FilterEditor } from '../filter/filter-editor.tsx';
import { countRules, shapeOf } from '../filter/rules.ts';
import { useShow } from '../source/use-showing.ts';
import { Card } from './card.tsx';
import { useEditor } from './context.ts';
import { useFilterCount } from './use-trial.ts';

interface Props {
  state: Parameters<typeof Card>[0]['state'];
  locked: boolean;
}

/** Which records go through. */
export function FilterCard({ state, locked }: Props) {
  const { draft, generation, change, wizard, setOpen, trial, source } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const count = useFilterCount(draft, !locked);
  const rules = countRules(draft.filter);
  const passing = rules > 0 && count.data ? t('filter.passing', { count: count.data.passed, of: count.data.of }) : null;
  const verdict = rules > 0 ? trial.data?.filter : undefined;
  const first = draft.steps[0]?.id ?? 'a1';
  return (
    <Card
      id="filter"
      title={t('editor.onlyIf')}
      state={rules > 0 ? state : null}
      locked={locked}
      what={draft.filter ? <FilterSummary filter={draft.filter} /> : <Text c="dimmed">{t('filter.everything')}</Text>}
      more={passing}
      next={
        wizard
          ? { label: t(rules > 0 ? 'editor.next' : 'filter.without'), ready: true, go: () => setOpen(first) }
          : undefined
      }
    >
      {rules === 0 && (
        <Text size="sm" c="dimmed" mb={12}>
          {t('filter.help')}
        </Text>
      )}
      <FilterEditor
        key={generation}
        filter={draft.filter}
        onChange={(filter) => change((before) => ({ ...before, filter }))}
      />
      {rules > 0 && (
        <Group mt={12} gap="4px 16px" aria-live="polite" mih={22}>
          {passing && <Text fw={600}>{passing}</Text>}
          {count.error && (
            <Button size="compact-sm" variant="subtle" onClick={() => void count.refetch()}>
              {t('filter.countAgain')}
            </Button>
          )}
          {verdict && source.sample && (
            <Text size="sm" c="dimmed">
              {t('filter.sampleVerdict', { record: source.sample.label, why: text(verdict.why) })}
            </Text>
          )}
        </Group>
      )}
    </Card>
  );
}

/** The conditions in one line. */
function FilterSummary({ filter }: { filter: FilterGroup }) {
  return <span>{useFilterWords()(filter)}</span>;
}

function useFilterWords() {
  const { source } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const show = useShow();
  const rule = ({ field, operator, value }: FilterRule): string => {
    const { chain, rest } = source.resolve(field.split('.'));
    const name = [...chain.map((each) => text(each.label)), ...rest].join(' › ') || t('source.chooseField');
    const type = chain.at(-1)?.type;
    const dates = type === 'date' || type === 'datetime';
    const verb = dates ? t(`operatorsOfDates.${operator}`) : t(`operators.${operator}`);
    const shape = shapeOf(operator);
    if (shape === 'none') return `${name} ${verb}`;
    if (shape === 'days') return `${name} ${verb} ${show(value)} ${t('filter.days')}`;
    const shown = Array.isArray(value) && shape === 'range' ? value.map((each) => show(each)).join(' … ') : show(value);
    return shown ? `${name} ${verb} «${shown}»` : `${name} ${verb} …`;
  };
  const group = (filter: FilterGroup, nested: boolean): string => {
    const words = filter.rules
      .map((each) => ('rules' in each ? group(each, true) : rule(each)))
      .join(` ${t(filter.combinator === 'or' ? 'filter.orWord' : 'filter.andWord')} `);
    return nested && filter.rules.length > 1 ? `(${words})` : words;
  };
  return (filter: FilterGroup) => group(filter, false);
}
