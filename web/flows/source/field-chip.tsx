import { Button, CloseButton, Popover, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useText } from '../../ui/text.ts';
import { FieldPicker } from './field-picker.tsx';
import { FormulaList } from './formula-list.tsx';
import { fieldsOnPath } from './groups.ts';
import type { SourceGroup } from './rows.ts';
import { conditionOf, printPath, type Segment } from './template.ts';
import classes from './tokens.module.css';
import { useShow } from './use-showing.ts';
import { valueAt } from './values.ts';

type Chip = Extract<Segment, { kind: 'field' | 'code' }>;
interface Props {
  segment: Chip;
  groups: SourceGroup[];
  onChange(segment: Segment): void;
  onRemove(): void;
}

/** A field in a template: its name by the words of the app, its formula, and on click what can be done with it. */
export function FieldChip({ segment, groups, onChange, onRemove }: Props) {
  const { t } = useTranslation('flows');
  const name = useChipName(segment, groups);
  const [open, setOpen] = useState(false);
  return (
    <span className={classes.chip} data-lost={name.lost || undefined} data-code={segment.kind === 'code' || undefined}>
      {segment.kind === 'code' ? (
        <span className={classes.chipName} title={segment.code}>
          {name.words}
        </span>
      ) : (
        <Popover opened={open} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus>
          <Popover.Target>
            <UnstyledButton
              className={classes.chipName}
              aria-haspopup="dialog"
              title={name.lost ? t('source.lost') : printPath(segment.path)}
              onClick={() => setOpen(!open)}
            >
              {name.words}
              {segment.filters && <span className={classes.formula}> · {segment.filters}</span>}
            </UnstyledButton>
          </Popover.Target>
          <Popover.Dropdown p={12} aria-label={name.words}>
            {open && (
              <ChipSettings segment={segment} groups={groups} onChange={onChange} onClose={() => setOpen(false)} />
            )}
          </Popover.Dropdown>
        </Popover>
      )}
      <CloseButton size="xs" aria-label={t('source.removeChip', { field: name.words })} onClick={onRemove} />
    </span>
  );
}

/** `Контакт › Телефон`, or the path itself when the field is not there any more; a plain condition in words. */
export function useChipName(segment: Chip, groups: SourceGroup[]): { words: string; lost: boolean } {
  const text = useText();
  const { t } = useTranslation('flows');
  const named = (path: string[]) => {
    const { chain, keys, rest } = fieldsOnPath(groups, path);
    const group = groups.find((each) => each.id === path[0]);
    const step = group && group.id !== 'trigger' ? [group.title] : [];
    const own = rest.length === 1 && rest[0] === 'id' && chain.length <= 1;
    const names = [...step, ...chain.map((field) => text(field.label)), ...(own ? [t('source.recordId')] : rest)];
    const loading = group !== undefined && group.childrenOf(keys) === undefined;
    return { words: names.join(' › ') || printPath(path), lost: rest.length > 0 && !own && !loading };
  };
  if (segment.kind === 'field') return named(segment.path);
  const condition = conditionOf(segment.code);
  if (!condition) return { words: segment.code, lost: false };
  if (condition.word === 'else' || condition.word === 'end')
    return { words: t(`conditions.${condition.word}`), lost: false };
  return { words: t(`conditions.${condition.word}`, { field: named(condition.path).words }), lost: false };
}

type FieldSegment = Extract<Segment, { kind: 'field' }>;
interface SettingsProps {
  segment: FieldSegment;
  groups: SourceGroup[];
  onChange(segment: Segment): void;
  onClose(): void;
}

function ChipSettings({ segment, groups, onChange, onClose }: SettingsProps) {
  const { t } = useTranslation('flows');
  const show = useShow();
  const [picking, setPicking] = useState(false);
  const [filters, setFilters] = useState(segment.filters);
  const group = groups.find((each) => each.id === segment.path[0]);
  const sample = show(valueAt(group?.values, segment.path.slice(1)));
  if (picking)
    return (
      <FieldPicker
        groups={groups}
        onPick={(path) => {
          onChange({ ...segment, path });
          onClose();
        }}
      />
    );
  const change = (next: string) => {
    setFilters(next);
    onChange({ ...segment, filters: next.trim() });
  };
  return (
    <Stack gap={8} w="min(24rem, calc(100vw - 64px))">
      {sample && (
        <Text size="sm" c="dimmed" lineClamp={2}>
          {t('source.inSample', { value: sample })}
        </Text>
      )}
      <Button variant="default" size="compact-sm" style={{ alignSelf: 'flex-start' }} onClick={() => setPicking(true)}>
        {t('source.otherField')}
      </Button>
      <TextInput
        label={t('source.formula')}
        description={t('source.formulaHelp')}
        placeholder={'date: "%d.%m.%Y"'}
        value={filters}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onClose();
        }}
      />
      <FormulaList onPick={(formula) => change(filters.trim() ? `${filters.trim()} | ${formula}` : formula)} />
    </Stack>
  );
}
