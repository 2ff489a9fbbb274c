import { ActionIcon, CloseButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useText } from '../../ui/text.ts';
import { useFieldName } from './chip-words.ts';
import { type Formula, type FormulaValue, typedValue, valueText } from './formulas.ts';
import type { SourceGroup } from './rows.ts';
import classes from './tokens.module.css';
import { useFormulas } from './use-formulas.ts';

interface Props {
  formulas: Formula[];
  groups: SourceGroup[];
  onChange(formulas: Formula[]): void;
  /** A value is to come from a field: with its path, these are the formulas. */
  onChooseField(put: (path: string[]) => Formula[]): void;
  onClose(): void;
}

/** The formulas a value goes through, from the top down, each with the values it is given. */
export function FormulaRows({ formulas, groups, onChange, onChooseField, onClose }: Props) {
  const { t } = useTranslation('flows');
  const text = useText();
  const known = useFormulas();
  if (formulas.length === 0) return null;
  const titleOf = (name: string) => {
    const words = known.find((formula) => formula.name === name);
    return words ? text(words.short) : name;
  };
  const put = (row: number, place: number, value: FormulaValue): Formula[] =>
    formulas.map((formula, i) => (i === row ? { ...formula, values: formula.values.with(place, value) } : formula));
  return (
    <Stack gap={4} role="group" aria-label={t('source.formulas')}>
      <Text size="sm" fw={600}>
        {t('source.formulas')}
      </Text>
      {formulas.map(({ name, values }, row) => (
        // A formula is its place.
        <Group key={row} gap={8} wrap="nowrap" align="flex-start" className={classes.formulaRow}>
          <Text size="sm" className={classes.formulaTitle}>
            {titleOf(name)}
          </Text>
          <Stack gap={4} flex={1} miw={0}>
            {values.map((value, place) => (
              <ValueBox
                // A value is its place.
                key={place}
                value={value}
                words={{ formula: titleOf(name), number: place + 1 }}
                groups={groups}
                onChange={(next) => onChange(put(row, place, next))}
                onChooseField={() => onChooseField((path) => put(row, place, { kind: 'field', path }))}
                onClose={onClose}
              />
            ))}
          </Stack>
          <CloseButton
            aria-label={t('source.removeFormula', { formula: titleOf(name) })}
            onClick={() => onChange(formulas.filter((_, i) => i !== row))}
          />
        </Group>
      ))}
    </Stack>
  );
}

interface ValueProps {
  value: FormulaValue;
  words: { formula: string; number: number };
  groups: SourceGroup[];
  onChange(value: FormulaValue): void;
  onChooseField(): void;
  onClose(): void;
}

function ValueBox({ value, words, groups, onChange, onChooseField, onClose }: ValueProps) {
  const { t } = useTranslation('flows');
  const named = useFieldName(groups);
  // While the digits are being changed the box is empty or half a number for a moment.
  const [numeric] = useState(value.kind === 'number');
  if (value.kind === 'field')
    return (
      <span className={classes.chip}>
        <span className={classes.chipName}>{named(value.path).words}</span>
        <CloseButton
          size="xs"
          aria-label={t('source.removeChip', { field: named(value.path).words })}
          onClick={() => onChange({ kind: 'text', text: '' })}
        />
      </span>
    );
  return (
    <TextInput
      size="xs"
      aria-label={t('source.formulaValue', words)}
      value={valueText(value)}
      onChange={(event) => onChange(typedValue(event.currentTarget.value, numeric))}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onClose();
      }}
      rightSection={
        <ActionIcon variant="subtle" size="sm" aria-label={t('source.fieldAsValue', words)} onClick={onChooseField}>
          <IconPlus size={14} />
        </ActionIcon>
      }
    />
  );
}
