import { ActionIcon, Button, Group, Radio, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ActionView, FieldView } from '../../../server/connections/contract.ts';
import { type DuplicateRule, type FieldRule, fieldRules } from '../../../server/flows/contract.ts';
import { useText } from '../../ui/text.ts';
import { useEditor } from '../editor/context.ts';
import { isBlank, noDuplicateRule, type StepDraft } from '../editor/draft.ts';
import { useSourceGroups } from '../source/groups.ts';
import { TokenField } from '../source/token-field.tsx';
import classes from './duplicates.module.css';
import { KeyTicks } from './key-ticks.tsx';

interface Props {
  step: StepDraft;
  action: ActionView;
  /** Fields the other side can be searched by. */
  fields: FieldView[];
  onChange(rule: DuplicateRule): void;
}

const modes = ['create', 'skip', 'upsert', 'update'] as const;

/** What to do when the record is over there already, and how it is found. */
export function DuplicatesEditor({ step, action, fields, onChange }: Props) {
  const { problems } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const rule = step.duplicates ?? noDuplicateRule;
  const target = action.duplicates === 'target';
  const own = problems.filter(
    (each) => each.card === step.id && (each.field === 'duplicates' || each.code.startsWith('duplicates')),
  );
  const updates = target || rule.mode === 'upsert' || rule.mode === 'update';
  return (
    <Stack gap={12}>
      <Text fw={600}>{t(target ? 'duplicates.targetTitle' : 'duplicates.title')}</Text>
      {target ? (
        <Text size="sm" c="dimmed">
          {t('duplicates.targetHelp')}
        </Text>
      ) : (
        <Radio.Group
          aria-label={t('duplicates.title')}
          value={rule.mode}
          onChange={(mode) => onChange({ ...rule, mode: mode as DuplicateRule['mode'] })}
        >
          <div className={classes.modes}>
            {modes.map((mode) => (
              <Radio.Card key={mode} value={mode} className={classes.mode}>
                <Radio.Indicator aria-hidden mt={2} />
                <div>
                  <Text fw={500}>{t(`duplicates.${mode}`)}</Text>
                  <Text size="sm" c="dimmed">
                    {t(`duplicates.${mode}Help`)}
                  </Text>
                </div>
              </Radio.Card>
            ))}
          </div>
        </Radio.Group>
      )}
      {(target || rule.mode !== 'create') && <Keys step={step} rule={rule} fields={fields} onChange={onChange} />}
      {updates && <FieldRules step={step} rule={rule} fields={fields} onChange={onChange} />}
      {own.map((problem) => (
        <Text key={problem.code} size="sm" c="var(--state-broken)">
          {text(problem.text)}
        </Text>
      ))}
    </Stack>
  );
}

interface PartProps {
  step: StepDraft;
  rule: DuplicateRule;
  fields: FieldView[];
  onChange(rule: DuplicateRule): void;
}

function Keys({ step, rule, fields, onChange }: PartProps) {
  const { t } = useTranslation('flows');
  const text = useText();
  const groups = useSourceGroups(step.id);
  const searchable = fields.filter((field) => field.search);
  const loose = rule.keys.some((key) => searchable.find((field) => field.key === key.field)?.search === 'text');
  const mapped = (key: string) => {
    const template = step.mapping?.[key];
    return template?.kind === 'template' ? template.text : '';
  };
  const setKey = (index: number, patch: Partial<DuplicateRule['keys'][number]>) =>
    onChange({ ...rule, keys: rule.keys.map((key, i) => (i === index ? { ...key, ...patch } : key)) });
  return (
    <Stack gap={8}>
      <KeyTicks rule={rule} fields={searchable} mapped={mapped} onChange={onChange} />
      {rule.keys.length > 0 && (
        <Text size="sm">{t(rule.keys.length > 1 ? 'duplicates.keysInOrder' : 'duplicates.keys')}</Text>
      )}
      {rule.keys.map((key, index) => (
        // Keys are tried in their order.
        <div key={index} className={classes.key}>
          <div>
            <Select
              aria-label={t('duplicates.keyField', { number: index + 1 })}
              placeholder={t('source.chooseField')}
              searchable
              data={searchable.map((field) => ({ value: field.key, label: text(field.label) }))}
              value={key.field || null}
              allowDeselect={false}
              onChange={(field) => field && setKey(index, { field, template: key.template || mapped(field) })}
            />
          </div>
          <span className={classes.equals}>=</span>
          <div className={classes.keyValue}>
            <TokenField
              value={key.template}
              onChange={(template) => setKey(index, { template })}
              groups={groups}
              label={t('duplicates.keyValue', { number: index + 1 })}
            />
          </div>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('duplicates.removeKey', { number: index + 1 })}
            onClick={() => onChange({ ...rule, keys: rule.keys.filter((_, i) => i !== index) })}
          >
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
      <Group gap={16}>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange({ ...rule, keys: [...rule.keys, { field: '', template: '' }] })}
        >
          {t('duplicates.addKey')}
        </Button>
        {rule.keys.length > 0 && (
          <Select
            label={t('duplicates.several')}
            size="sm"
            w={260}
            allowDeselect={false}
            data={(['stop', 'first', 'newest'] as const).map((value) => ({ value, label: t(`duplicates.${value}`) }))}
            value={rule.several}
            onChange={(several) => several && onChange({ ...rule, several: several as DuplicateRule['several'] })}
          />
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {t('duplicates.pairHelp')}
        {loose && ` ${t('duplicates.loose')}`}
      </Text>
    </Stack>
  );
}

function FieldRules({ step, rule, fields, onChange }: PartProps) {
  const { t } = useTranslation('flows');
  const text = useText();
  const mapped = fields.filter((field) => !isBlank(step.mapping?.[field.key]));
  if (mapped.length === 0) return null;
  const set = (key: string, value: FieldRule) => {
    const rest = Object.fromEntries(Object.entries(rule.fields).filter(([each]) => each !== key));
    onChange({ ...rule, fields: value === 'overwrite' ? rest : { ...rest, [key]: value } });
  };
  return (
    <Stack gap={8}>
      <Text size="sm">{t('duplicates.fieldRules')}</Text>
      <table className={classes.rules}>
        <thead className={classes.hiddenHead}>
          <tr>
            <th scope="col">{t('mapping.target')}</th>
            <th scope="col">{t('duplicates.fieldRules')}</th>
          </tr>
        </thead>
        <tbody>
          {mapped.map((field) => (
            <tr key={field.key}>
              <th scope="row">{text(field.label)}</th>
              <td>
                {field.createOnly ? (
                  <Text size="sm" c="dimmed">
                    {t('duplicates.createOnly')}
                  </Text>
                ) : (
                  <Select
                    size="sm"
                    aria-label={t('duplicates.ruleOf', { field: text(field.label) })}
                    allowDeselect={false}
                    data={fieldRules.map((value) => ({ value, label: t(`duplicates.${value}`) }))}
                    value={rule.fields[field.key] ?? 'overwrite'}
                    onChange={(value) => value && set(field.key, value as FieldRule)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Stack>
  );
}
