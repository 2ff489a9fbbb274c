import { Autocomplete, MultiSelect, NumberInput, Select, TagsInput, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { FilterRule } from '../../../server/flows/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';
import { choiceId, choiceItems, choiceValue } from '../source/choices.ts';
import classes from './filter.module.css';
import { shapeOf } from './rules.ts';

interface Props {
  rule: FilterRule;
  field: FieldView | undefined;
  onChange(rule: FilterRule): void;
  label: string;
}

/** What a condition compares with, asked for by the field's type. */
export function RuleValue({ rule, field, onChange, label }: Props) {
  const { t } = useTranslation('flows');
  const set = (value: JsonValue, by?: 'id') =>
    onChange({ field: rule.field, operator: rule.operator, value, ...(by ? { by } : {}) });
  switch (shapeOf(rule.operator)) {
    case 'none':
      return null;
    case 'list':
      return <ListValue rule={rule} field={field} set={set} label={label} />;
    case 'range':
      return <RangeValue value={rule.value} field={field} set={set} label={label} />;
    case 'days':
      return (
        <NumberInput
          aria-label={label}
          min={0}
          suffix={` ${t('filter.days')}`}
          value={typeof rule.value === 'number' ? rule.value : ''}
          onChange={(days) => set(typeof days === 'number' ? days : null)}
        />
      );
    case 'text':
      return (
        <Autocomplete
          aria-label={label}
          placeholder={t(rule.operator === 'matches' ? 'filter.pattern' : 'filter.value')}
          data={[...new Set(field?.choices?.map((choice) => choice.label))]}
          value={asText(rule.value)}
          onChange={(value) => set(value)}
        />
      );
    case 'one':
      return <OneValue rule={rule} field={field} set={set} label={label} />;
  }
}

type Set = (value: JsonValue, by?: 'id') => void;
interface ValueProps {
  rule: FilterRule;
  field: FieldView | undefined;
  set: Set;
  label: string;
}

function OneValue({ rule, field, set, label }: ValueProps) {
  const { t } = useTranslation('flows');
  if (field?.choices && field.choices.length > 0) {
    const { choices } = field;
    return (
      <Select
        aria-label={label}
        placeholder={t('filter.choose')}
        searchable
        data={choiceItems(choices)}
        value={choiceId(choices, rule.value)}
        onChange={(id) => set(choiceValue(choices, id), 'id')}
        nothingFoundMessage={t('picker.nothing')}
      />
    );
  }
  if (field?.type === 'boolean')
    return (
      <Select
        aria-label={label}
        data={[
          { value: 'true', label: t('filter.yes') },
          { value: 'false', label: t('filter.no') },
        ]}
        value={typeof rule.value === 'boolean' ? String(rule.value) : null}
        onChange={(value) => set(value === null ? null : value === 'true')}
      />
    );
  return <PlainValue type={field?.type} value={rule.value} onChange={(value) => set(value)} label={label} />;
}

function ListValue({ rule, field, set, label }: ValueProps) {
  const { t } = useTranslation('flows');
  const values = Array.isArray(rule.value) ? rule.value : [];
  const { choices } = field ?? {};
  if (choices && choices.length > 0)
    return (
      <MultiSelect
        aria-label={label}
        placeholder={values.length === 0 ? t('filter.choose') : ''}
        searchable
        clearable
        data={choiceItems(choices)}
        value={values.map((value) => choiceId(choices, value)).filter((id) => id !== null)}
        onChange={(ids) =>
          set(
            ids.map((id) => choiceValue(choices, id)),
            'id',
          )
        }
        nothingFoundMessage={t('picker.nothing')}
      />
    );
  const number = field?.type === 'number';
  return (
    <TagsInput
      aria-label={label}
      placeholder={t('filter.list')}
      splitChars={number ? [' ', ';'] : [';']}
      acceptValueOnBlur
      value={values.map(asText)}
      onChange={(list) => set(number ? list.map(Number).filter((one) => !Number.isNaN(one)) : list)}
    />
  );
}

function RangeValue({
  value,
  field,
  set,
  label,
}: {
  value: JsonValue | undefined;
  field: FieldView | undefined;
  set: Set;
  label: string;
}) {
  const { t } = useTranslation('flows');
  const [from = null, to = null] = Array.isArray(value) ? value : [];
  return (
    <div className={classes.pair}>
      <PlainValue
        type={field?.type}
        value={from}
        onChange={(next) => set([next, to])}
        label={t('filter.from', { field: label })}
      />
      <Text c="dimmed">…</Text>
      <PlainValue
        type={field?.type}
        value={to}
        onChange={(next) => set([from, next])}
        label={t('filter.to', { field: label })}
      />
    </div>
  );
}

interface PlainProps {
  type: FieldView['type'] | undefined;
  value: JsonValue | undefined;
  onChange(value: JsonValue): void;
  label: string;
}

function PlainValue({ type, value, onChange, label }: PlainProps) {
  const { t } = useTranslation('flows');
  if (type === 'number')
    return (
      <NumberInput
        aria-label={label}
        flex={1}
        decimalSeparator=","
        allowedDecimalSeparators={['.', ',']}
        value={typeof value === 'number' ? value : ''}
        onChange={(number) => onChange(typeof number === 'number' ? number : null)}
      />
    );
  if (type === 'date' || type === 'datetime')
    return (
      <TextInput
        type="date"
        aria-label={label}
        flex={1}
        value={asText(value).slice(0, 10)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <TextInput
      aria-label={label}
      flex={1}
      placeholder={t('filter.value')}
      value={asText(value)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

const asText = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
