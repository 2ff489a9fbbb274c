import { CloseButton, Popover, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChipSettings } from './chip-settings.tsx';
import { useChipName, useFormulaWords } from './chip-words.ts';
import type { SourceGroup } from './rows.ts';
import { printPath, type Segment } from './template.ts';
import classes from './tokens.module.css';

interface Props {
  segment: Extract<Segment, { kind: 'field' | 'code' }>;
  groups: SourceGroup[];
  onChange(segment: Segment): void;
  onRemove(): void;
}

/** A field in a template: its name by the words of the app, its formula, and on click what can be done with it. */
export function FieldChip({ segment, groups, onChange, onRemove }: Props) {
  const { t } = useTranslation('flows');
  const name = useChipName(segment, groups);
  const formulaWords = useFormulaWords(groups);
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
              {segment.filters && <span className={classes.formula}> · {formulaWords(segment.filters)}</span>}
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
