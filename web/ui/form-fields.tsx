import {
  Anchor,
  Box,
  Checkbox,
  Collapse,
  type ComboboxData,
  type ComboboxItem,
  type ComboboxItemGroup,
  JsonInput,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormFieldView } from '../../server/connections/contract.ts';
import type { JsonValue } from '../../server/http/contract.ts';
import css from './form-fields.module.css';
import { type FormErrors, type FormValues, parseJson } from './form-values.ts';
import { Steps } from './steps.tsx';
import { useText } from './text.ts';

export interface FormChoice {
  value: string;
  label: string;
  group?: string | undefined;
}

interface Props {
  fields: FormFieldView[];
  values: FormValues;
  onChange: (key: string, value: JsonValue) => void;
  errors?: FormErrors;
  /** Secrets that the server keeps: they may stay empty. */
  secretsSet?: string[];
  /** Live choices of a field that says `choicesOf`; undefined while they load. */
  choicesOf?: (place: string) => FormChoice[] | undefined;
  /** More fields for the advanced section. */
  moreAdvanced?: ReactNode;
}

/** The fields that a connector describes, as a form: help unfolds into steps, the rare ones wait under “advanced”. */
export function FormFields({ fields, moreAdvanced, ...rest }: Props) {
  const { t } = useTranslation('ui');
  const usual = fields.filter((field) => !field.advanced);
  const advanced = fields.filter((field) => field.advanced);
  const wrongInside = advanced.some((field) => rest.errors?.[field.key]);
  return (
    <Stack gap="md">
      {usual.map((field) => (
        <OneField key={field.key} field={field} {...rest} />
      ))}
      {(advanced.length > 0 || moreAdvanced) && (
        <Fold label={t('advanced')} open={wrongInside}>
          <Stack gap="md" className={css.advanced}>
            {advanced.map((field) => (
              <OneField key={field.key} field={field} {...rest} />
            ))}
            {moreAdvanced}
          </Stack>
        </Fold>
      )}
    </Stack>
  );
}

/** A line that unfolds what is rarely needed. */
export function Fold({ label, open = false, children }: { label: string; open?: boolean; children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  const shown = opened || open;
  const id = useId();
  return (
    <div>
      <Anchor
        component="button"
        type="button"
        className={css.fold}
        aria-expanded={shown}
        aria-controls={id}
        onClick={() => setOpened(!shown)}
      >
        <IconChevronRight size={16} aria-hidden className={css.chevron} data-open={shown || undefined} />
        {label}
      </Anchor>
      <Collapse id={id} expanded={shown} transitionDuration={100}>
        <Box pt="sm">{children}</Box>
      </Collapse>
    </div>
  );
}

type FieldProps = Omit<Props, 'fields' | 'moreAdvanced'> & { field: FormFieldView };

function OneField({ field, values, onChange, errors, secretsSet = [], choicesOf }: FieldProps) {
  const { t } = useTranslation('ui');
  const say = useText();
  const value = values[field.key];
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const kept = field.type === 'secret' && secretsSet.includes(field.key);
  const help = field.help ? say(field.help) : undefined;
  const long = help !== undefined && (help.includes('\n') || help.length > 160);
  const common = {
    label: say(field.label),
    description: long ? undefined : help,
    placeholder: kept ? t('secretSaved') : field.placeholder,
    withAsterisk: Boolean(field.required) && !kept,
    error: errors?.[field.key],
    inputWrapperOrder: ['label' as const, 'input' as const, 'error' as const, 'description' as const],
  };
  const type = (typed: string) => onChange(field.key, typed);
  return (
    <div>
      <FieldInput {...{ field, common, text, value, onChange, type, choicesOf }} />
      {long && (
        <Box mt={6}>
          <Fold label={t('whereToFind')}>
            <div className={css.help}>
              <Steps text={help} />
            </div>
          </Fold>
        </Box>
      )}
    </div>
  );
}

interface InputProps {
  field: FormFieldView;
  common: {
    label: string;
    description: string | undefined;
    placeholder: string | undefined;
    withAsterisk: boolean;
    error: string | undefined;
    inputWrapperOrder: ('label' | 'input' | 'error' | 'description')[];
  };
  text: string;
  value: JsonValue | undefined;
  onChange: Props['onChange'];
  type: (typed: string) => void;
  choicesOf: Props['choicesOf'];
}

function FieldInput({ field, common, text, value, onChange, type, choicesOf }: InputProps) {
  const say = useText();
  if (field.choicesOf && choicesOf) {
    return <LiveSelect {...{ field, common, text, onChange, choices: choicesOf(field.choicesOf) }} />;
  }
  switch (field.type) {
    case 'secret':
      return (
        <PasswordInput
          {...common}
          value={text}
          autoComplete="new-password"
          onChange={(event) => type(event.currentTarget.value)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          value={text}
          onChange={(typed) =>
            onChange(field.key, typed === '' ? null : typeof typed === 'number' ? typed : String(typed))
          }
        />
      );
    case 'boolean':
      return (
        <Checkbox
          label={common.label}
          description={common.description}
          error={common.error}
          checked={value === true}
          onChange={(event) => onChange(field.key, event.currentTarget.checked)}
        />
      );
    case 'select':
      return (
        <Select
          {...common}
          data={optionsOf(field, say)}
          value={text || null}
          clearable={!field.required}
          onChange={(chosen) => onChange(field.key, chosen)}
        />
      );
    case 'json':
      return <JsonField {...{ common, value }} onChange={(json) => onChange(field.key, json)} />;
    case 'text':
    case 'url':
      return (
        <TextInput
          {...common}
          value={text}
          inputMode={field.type === 'url' ? 'url' : 'text'}
          autoComplete="off"
          onChange={(event) => type(event.currentTarget.value)}
        />
      );
  }
}

const optionsOf = (field: FormFieldView, say: ReturnType<typeof useText>): ComboboxItem[] =>
  (field.options ?? []).map((option) => ({ value: option.value, label: say(option.label) }));

function LiveSelect(
  props: Pick<InputProps, 'field' | 'common' | 'text' | 'onChange'> & { choices: FormChoice[] | undefined },
) {
  const { field, common, text, onChange, choices } = props;
  const { t } = useTranslation('ui');
  const groups = Map.groupBy(choices ?? [], (choice) => choice.group ?? '');
  const plain = ({ value, label }: FormChoice) => ({ value, label });
  const data: ComboboxData = [...groups].flatMap<ComboboxItem | ComboboxItemGroup<ComboboxItem>>(([group, items]) =>
    group ? [{ group, items: items.map(plain) }] : items.map(plain),
  );
  return (
    <Select
      {...common}
      searchable
      data={data}
      disabled={choices === undefined}
      placeholder={choices === undefined ? t('loading') : common.placeholder}
      value={text || null}
      onChange={(chosen) => onChange(field.key, chosen)}
    />
  );
}

/** JSON is typed as text, and kept as text until it parses. */
function JsonField({
  common,
  value,
  onChange,
}: {
  common: InputProps['common'];
  value: JsonValue | undefined;
  onChange: (value: JsonValue) => void;
}) {
  const [typed, setTyped] = useState(() =>
    typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value, null, 2),
  );
  return (
    <JsonInput
      {...common}
      autosize
      minRows={3}
      maxRows={16}
      value={typed}
      onChange={(next) => {
        setTyped(next);
        onChange(next.trim() === '' ? null : (parseJson(next) ?? next));
      }}
    />
  );
}
