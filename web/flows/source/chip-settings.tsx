import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldPicker } from './field-picker.tsx';
import { FormulaList } from './formula-list.tsx';
import { FormulaRows } from './formula-rows.tsx';
import { type Formula, parseFormulas, printFormulas } from './formulas.ts';
import type { SourceGroup } from './rows.ts';
import type { Segment } from './template.ts';
import { useShow } from './use-showing.ts';
import { valueAt } from './values.ts';

interface Props {
  segment: Extract<Segment, { kind: 'field' }>;
  groups: SourceGroup[];
  onChange(segment: Segment): void;
  onClose(): void;
}

/** What can be done with a field: take another one, and what happens to its value on the way. */
export function ChipSettings({ segment, groups, onChange, onClose }: Props) {
  const { t } = useTranslation('flows');
  const show = useShow();
  /** For whom a field is being chosen: this chip, or a value of its formulas. */
  const [choosing, setChoosing] = useState<((path: string[]) => void) | null>(null);
  if (choosing) return <FieldPicker groups={groups} onPick={choosing} />;

  const formulas = parseFormulas(segment.filters);
  const group = groups.find((each) => each.id === segment.path[0]);
  const sample = show(valueAt(group?.values, segment.path.slice(1)));
  const setFilters = (filters: string) => onChange({ ...segment, filters });
  const add = (code: string) => setFilters(segment.filters.trim() ? `${segment.filters.trim()} | ${code}` : code);
  const chooseValue = (put: (path: string[]) => Formula[]) =>
    setChoosing(() => (path: string[]) => {
      setFilters(printFormulas(put(path)));
      setChoosing(null);
    });
  const chooseAnother = () =>
    setChoosing(() => (path: string[]) => {
      onChange({ ...segment, path });
      onClose();
    });
  return (
    <Stack gap={8} w="min(26rem, calc(100vw - 64px))">
      {sample && (
        <Text size="sm" c="dimmed" lineClamp={2}>
          {t('source.inSample', { value: sample })}
        </Text>
      )}
      <Button variant="default" size="compact-sm" style={{ alignSelf: 'flex-start' }} onClick={chooseAnother}>
        {t('source.otherField')}
      </Button>
      {formulas ? (
        <FormulaRows
          formulas={formulas}
          groups={groups}
          onChange={(next) => setFilters(printFormulas(next))}
          onChooseField={chooseValue}
          onClose={onClose}
        />
      ) : (
        <TextInput
          label={t('source.formula')}
          description={t('source.formulaHelp')}
          value={segment.filters}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          onChange={(event) => setFilters(event.currentTarget.value)}
        />
      )}
      <Text size="sm" fw={600}>
        {t('source.addFormula')}
      </Text>
      <FormulaList onPick={add} />
    </Stack>
  );
}
