import { ActionIcon, Autocomplete, Button, Group, Stack, Text } from '@mantine/core';
import { IconArrowRight, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { FieldTemplate } from '../../../server/flows/contract.ts';
import { choiceValue } from '../source/choices.ts';
import { fieldsOnPath } from '../source/groups.ts';
import type { SourceGroup } from '../source/rows.ts';
import { parseTemplate } from '../source/template.ts';
import { TokenField } from '../source/token-field.tsx';
import { ConstantEditor } from './constant-editor.tsx';
import classes from './mapping.module.css';

type Table = Extract<FieldTemplate, { kind: 'table' }>;
interface Props {
  table: Table;
  field: FieldView;
  label: string;
  groups: SourceGroup[];
  onChange(table: Table): void;
  error?: boolean;
  focus?: boolean;
}

/** «Их стадия → наша стадия»: a value of the source looked up in rows. */
export function ValueTable({ table, field, label, groups, onChange, error, focus }: Props) {
  const { t } = useTranslation('flows');
  const choices = sourceChoices(table.source, groups);
  const labels = [...new Set(choices.map((choice) => choice.label))];
  const missing = labels.filter((name) => !table.rows.some((row) => row.from === name));
  const setRow = (index: number, patch: Partial<Table['rows'][number]>) =>
    onChange({ ...table, rows: table.rows.map((row, i) => (i === index ? { ...row, ...patch } : row)) });
  const addAll = () =>
    onChange({ ...table, rows: [...table.rows, ...missing.map((from) => ({ from, to: sameChoice(field, from) }))] });
  return (
    <Stack gap={8}>
      <TokenField
        single
        value={table.source}
        onChange={(source) => onChange({ ...table, source })}
        groups={groups}
        label={t('table.source', { field: label })}
        placeholder={t('table.chooseSource')}
        error={error ?? false}
        focus={focus ?? false}
      />
      {table.rows.length > 0 && (
        <div className={classes.pairs} aria-label={t('table.rows', { field: label })} role="group">
          {table.rows.map((row, index) => (
            // A row is its place.
            <div key={index} className={classes.pair}>
              <Autocomplete
                aria-label={t('table.from', { number: index + 1 })}
                placeholder={t('table.fromHint')}
                data={labels}
                value={row.from}
                onChange={(from) => setRow(index, { from })}
              />
              <IconArrowRight size={16} aria-hidden className={classes.arrow} />
              <ConstantEditor
                field={field}
                value={row.to}
                onChange={(to) => setRow(index, { to })}
                label={t('table.to', { value: row.from })}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size={36}
                aria-label={t('table.removeRow', { value: row.from })}
                onClick={() => onChange({ ...table, rows: table.rows.filter((_, i) => i !== index) })}
              >
                <IconX size={16} />
              </ActionIcon>
            </div>
          ))}
        </div>
      )}
      <Group gap={8}>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange({ ...table, rows: [...table.rows, { from: '', to: null }] })}
        >
          {t('table.addRow')}
        </Button>
        {missing.length > 0 && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={addAll}>
            {t('table.addAll', { count: missing.length })}
          </Button>
        )}
      </Group>
      <div className={classes.otherwise}>
        <Text size="sm" c="dimmed">
          {t('table.otherwise')}
        </Text>
        <ConstantEditor
          field={field}
          value={table.otherwise}
          onChange={(otherwise) => onChange({ ...table, otherwise: otherwise ?? undefined })}
          label={t('table.otherwise')}
        />
      </div>
    </Stack>
  );
}

function sourceChoices(source: string, groups: SourceGroup[]) {
  const [segment] = parseTemplate(source);
  if (segment?.kind !== 'field') return [];
  const { chain, rest } = fieldsOnPath(groups, segment.path);
  return rest.length === 0 ? (chain.at(-1)?.choices ?? []) : [];
}

/** The choice that is called the same over there. */
function sameChoice(field: FieldView, label: string) {
  const choices = field.choices ?? [];
  const name = label.trim().toLowerCase();
  const same = choices.find((choice) => choice.label.trim().toLowerCase() === name);
  return same ? choiceValue(choices, same.id) : null;
}
