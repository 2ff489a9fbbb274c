import { MultiSelect, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';
import { useLanguage } from '../../ui/text.ts';
import { choiceId, choiceItems, choiceValue } from '../source/choices.ts';

interface Props {
  field: FieldView;
  value: JsonValue | undefined;
  onChange(value: JsonValue): void;
  label: string;
  error?: boolean;
}

/** A fixed value, asked for by the field's type: a choice by its label, a date, a number, yes or no. */
export function ConstantEditor({ field, value, onChange, label, error }: Props) {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  const choices = field.choices ?? [];
  if (choices.length > 0 && field.list)
    return (
      <MultiSelect
        aria-label={label}
        searchable
        clearable
        error={error}
        data={choiceItems(choices)}
        value={(Array.isArray(value) ? value : []).map((each) => choiceId(choices, each)).filter((id) => id !== null)}
        onChange={(ids) => onChange(ids.map((id) => choiceValue(choices, id)))}
        nothingFoundMessage={t('picker.nothing')}
      />
    );
  if (choices.length > 0)
    return (
      <Select
        aria-label={label}
        placeholder={t('filter.choose')}
        searchable
        clearable
        error={error}
        data={choiceItems(choices)}
        value={choiceId(choices, value)}
        onChange={(id) => onChange(choiceValue(choices, id))}
        nothingFoundMessage={t('picker.nothing')}
      />
    );
  if (field.type === 'boolean')
    return (
      <SegmentedControl
        aria-label={label}
        value={value === true ? 'yes' : value === false ? 'no' : 'none'}
        onChange={(chosen) => onChange(chosen === 'none' ? null : chosen === 'yes')}
        data={[
          { value: 'none', label: t('constant.none') },
          { value: 'yes', label: t('constant.yes') },
          { value: 'no', label: t('constant.no') },
        ]}
      />
    );
  if (field.type === 'number')
    return (
      <NumberInput
        aria-label={label}
        error={error}
        decimalSeparator={language === 'ru' ? ',' : '.'}
        allowedDecimalSeparators={['.', ',']}
        value={typeof value === 'number' ? value : ''}
        onChange={(number) => onChange(typeof number === 'number' ? number : null)}
      />
    );
  if (field.type === 'datetime')
    return (
      <TextInput
        type="datetime-local"
        aria-label={label}
        error={error}
        value={typeof value === 'string' ? localTime(value) : ''}
        onChange={(event) =>
          onChange(event.currentTarget.value ? new Date(event.currentTarget.value).toISOString() : null)
        }
      />
    );
  return (
    <TextInput
      type={field.type === 'date' ? 'date' : 'text'}
      aria-label={label}
      error={error}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.currentTarget.value || null)}
    />
  );
}

/** What `datetime-local` wants: the wall clock without a zone. */
function localTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
