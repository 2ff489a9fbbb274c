import { Checkbox, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { DuplicateRule } from '../../../server/flows/contract.ts';
import { useText } from '../../ui/text.ts';

interface Props {
  rule: DuplicateRule;
  /** Fields the other side can be searched by. */
  fields: FieldView[];
  /** What a field is filled with; empty: with nothing that could be looked for. */
  mapped(field: string): string;
  onChange(rule: DuplicateRule): void;
}

/** The fields that the mapping fills, to be ticked: the search is for the very value that would be written. */
export function KeyTicks({ rule, fields, mapped, onChange }: Props) {
  const { t } = useTranslation('flows');
  const text = useText();
  const offered = fields.filter(({ key }) => mapped(key) !== '');
  if (offered.length === 0) return null;
  const isKey = (field: string) => rule.keys.some((key) => key.field === field);
  const tick = (ticked: string[]) => {
    const kept = rule.keys.filter(({ field }) => ticked.includes(field) || !offered.some(({ key }) => key === field));
    const added = ticked.filter((field) => !isKey(field)).map((field) => ({ field, template: mapped(field) }));
    // An empty row that was begun by hand gives way.
    onChange({ ...rule, keys: [...kept.filter(({ field }) => field !== ''), ...added] });
  };
  return (
    <Checkbox.Group
      label={t('duplicates.tick')}
      value={offered.map(({ key }) => key).filter(isKey)}
      onChange={(ticked) => tick(ticked)}
    >
      <Group gap={16} mt={4}>
        {offered.map(({ key, label }) => (
          <Checkbox key={key} value={key} label={text(label)} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}
