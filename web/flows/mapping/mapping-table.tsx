import { Button, Group, Text, TextInput, Tooltip } from '@mantine/core';
import { IconInfoCircle, IconSearch, IconWand } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { FieldTemplate } from '../../../server/flows/contract.ts';
import { useText } from '../../ui/text.ts';
import { useEditor } from '../editor/context.ts';
import { isBlank, type StepDraft, setMapped, unmappedCount } from '../editor/draft.ts';
import { FieldIcon } from '../source/field-icon.tsx';
import { useSourceGroups } from '../source/groups.ts';
import type { SourceGroup } from '../source/rows.ts';
import { useShow } from '../source/use-showing.ts';
import { autofill } from './autofill.ts';
import { useCandidates } from './candidates.ts';
import classes from './mapping.module.css';
import { SourceEditor } from './source-editor.tsx';

/** With no more fields than this all are shown at once. */
const fewFields = 10;

interface Props {
  step: StepDraft;
  fields: FieldView[];
  /** Nothing is required of an update. */
  required: boolean;
  onChange(mapping: Record<string, FieldTemplate>): void;
}

/** Target field, where its value comes from, what it becomes for the sample record. */
export function MappingTable({ step, fields, required, onChange }: Props) {
  const { draft, source } = useEditor();
  const { t } = useTranslation('flows');
  const groups = useSourceGroups(step.id);
  const mapping = step.mapping ?? {};
  const [guessed, setGuessed] = useState<ReadonlySet<string>>(new Set());
  const writable = fields.filter((field) => !field.readOnly);
  const view = useShownFields({ fields: writable, mapping, required });
  const candidates = useCandidates();

  const set = (key: string, template: FieldTemplate | null) => {
    setGuessed((before) => new Set([...before].filter((each) => each !== key)));
    view.keep(key);
    onChange(setMapped(mapping, key, template));
  };
  const guess = () => {
    const filled = autofill(writable, candidates, (key) => !isBlank(mapping[key]));
    setGuessed(new Set(Object.keys(filled)));
    onChange({ ...mapping, ...filled });
  };
  return (
    <div>
      <Group justify="space-between" mb={8} gap={8}>
        <Text fw={600}>{t('mapping.title')}</Text>
        <Group gap={12}>
          {source.fields.length > 0 && (
            <Text size="sm" c="dimmed">
              {t('mapping.unused', { count: unmappedCount(draft, source.fields) })}
            </Text>
          )}
          <Button size="compact-sm" variant="light" leftSection={<IconWand size={14} />} onClick={guess}>
            {t('mapping.guess')}
          </Button>
        </Group>
      </Group>
      <div aria-live="polite">
        {guessed.size > 0 && (
          <Text size="sm" c="var(--accent-words)" mb={8}>
            {t('mapping.guessed', { count: guessed.size })}
          </Text>
        )}
      </div>
      <div className={classes.table} role="table" aria-label={t('mapping.title')}>
        <div role="row" className={`${classes.row} ${classes.head}`}>
          <span role="columnheader">{t('mapping.target')}</span>
          <span role="columnheader">{t('mapping.source')}</span>
          <span role="columnheader">
            {source.sample ? t('mapping.resultFor', { record: source.sample.label }) : t('mapping.result')}
          </span>
        </div>
        {view.shown.map((field) => (
          <Row
            key={field.key}
            step={step}
            field={field}
            required={required && field.required === true}
            template={mapping[field.key]}
            groups={groups}
            guessed={guessed.has(field.key)}
            onChange={(template) => set(field.key, template)}
          />
        ))}
      </div>
      {view.hidden > 0 || view.search !== '' ? (
        <Group mt={8} gap={8}>
          <Button size="compact-sm" variant="subtle" onClick={view.showAll}>
            {t('mapping.more', { count: view.hidden })}
          </Button>
          <TextInput
            size="xs"
            aria-label={t('mapping.find')}
            placeholder={t('mapping.find')}
            leftSection={<IconSearch size={14} />}
            value={view.search}
            onChange={(event) => view.setSearch(event.currentTarget.value)}
          />
        </Group>
      ) : null}
    </div>
  );
}

/** Required fields first, then what is mapped; the others on request, and what was once shown stays. */
function useShownFields({
  fields,
  mapping,
  required,
}: {
  fields: FieldView[];
  mapping: Record<string, FieldTemplate>;
  required: boolean;
}) {
  const text = useText();
  const { focus } = useEditor();
  const [all, setAll] = useState(fields.length <= fewFields);
  const [kept, setKept] = useState<ReadonlySet<string>>(() => new Set(Object.keys(mapping)));
  const [search, setSearch] = useState('');
  const words = search.trim().toLowerCase();
  const needed = (field: FieldView) => required && field.required === true;
  const wanted = (field: FieldView) =>
    all ||
    needed(field) ||
    field.key === focus ||
    kept.has(field.key) ||
    !isBlank(mapping[field.key]) ||
    (words !== '' && text(field.label).toLowerCase().includes(words));
  const shown = fields.filter(wanted);
  return {
    shown: [...shown.filter(needed), ...shown.filter((field) => !needed(field))],
    hidden: fields.length - shown.length,
    search,
    setSearch,
    showAll: () => setAll(true),
    keep: (key: string) => setKept((before) => new Set([...before, key])),
  };
}

interface RowProps {
  step: StepDraft;
  field: FieldView;
  required: boolean;
  template: FieldTemplate | undefined;
  groups: SourceGroup[];
  guessed: boolean;
  onChange(template: FieldTemplate | null): void;
}

function Row({ step, field, required, template, groups, guessed, onChange }: RowProps) {
  const { trial, problems, focus, source } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const show = useShow();
  const id = useId();
  const label = text(field.label);
  const problem = problems.find((each) => each.card === step.id && each.field === field.key);
  const result = isBlank(template)
    ? undefined
    : trial.data?.steps.find((each) => each.id === step.id)?.fields[field.key];
  const value = show(result?.value, field.type);
  return (
    <div role="row" className={classes.row} data-wide={template?.kind === 'table' || undefined}>
      <div role="rowheader" className={classes.target}>
        <FieldIcon type={field.type} />
        <span>
          {label}
          {required && (
            <span className={classes.required} title={t('mapping.required')}>
              {' *'}
            </span>
          )}
        </span>
        {field.help && (
          <Tooltip label={text(field.help)} multiline maw={320}>
            <IconInfoCircle
              size={15}
              tabIndex={0}
              role="img"
              aria-label={text(field.help)}
              style={{ flex: 'none', color: 'var(--quiet)' }}
            />
          </Tooltip>
        )}
        {guessed && <span className={classes.mark}>{t('mapping.guessedMark')}</span>}
      </div>
      <div role="cell">
        <SourceEditor
          field={field}
          label={label}
          template={template}
          groups={groups}
          onChange={onChange}
          error={problem !== undefined}
          describedBy={problem || result ? id : undefined}
          focus={focus === field.key}
        />
      </div>
      <div
        role="cell"
        id={id}
        className={classes.result}
        data-pending={trial.pending || undefined}
        aria-busy={trial.pending || undefined}
      >
        {result?.problem || problem ? (
          <span className={classes.problem}>{text(result?.problem ?? problem?.text ?? '')}</span>
        ) : value ? (
          <>
            <span className={classes.resultName}>{t('mapping.result')}: </span>
            {value}
          </>
        ) : result && source.sample ? (
          <Text component="span" size="sm" c="dimmed">
            {t('mapping.emptyResult')}
          </Text>
        ) : null}
      </div>
    </div>
  );
}
