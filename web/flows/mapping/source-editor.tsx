import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { FieldTemplate } from '../../../server/flows/contract.ts';
import { isBlank } from '../editor/draft.ts';
import type { SourceGroup } from '../source/rows.ts';
import { TokenField } from '../source/token-field.tsx';
import { ConstantEditor } from './constant-editor.tsx';
import { emptyOf, type Kind, kindsOf } from './kinds.ts';
import classes from './mapping.module.css';
import { TreeEditor } from './tree-editor.tsx';
import { ValueTable } from './value-table.tsx';

interface Props {
  field: FieldView;
  label: string;
  template: FieldTemplate | undefined;
  groups: SourceGroup[];
  onChange(template: FieldTemplate | null): void;
  error?: boolean;
  describedBy?: string | undefined;
  focus?: boolean;
}

/** Where a target field takes its value from. */
export function SourceEditor(props: Props) {
  const { field, label, template, onChange } = props;
  const { t } = useTranslation('flows');
  const offered = kindsOf(field);
  // An empty way of filling is no mapping, so only this place remembers which one was chosen.
  const [chosen, setChosen] = useState<Kind | null>(null);
  const kind = template?.kind ?? chosen ?? offered[0] ?? 'template';
  const change = (next: FieldTemplate) => onChange(isBlank(next) ? null : next);
  const choose = (next: Kind) => {
    setChosen(next);
    onChange(null);
  };
  const kinds = offered.includes(kind) ? offered : [kind, ...offered];
  return (
    <div className={classes.source}>
      <div className={classes.editor}>
        <Editor {...props} onChange={change} template={template ?? emptyOf(kind)} />
      </div>
      {kinds.length > 1 && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Button
              variant="subtle"
              justify="space-between"
              color="gray"
              size="compact-sm"
              className={classes.kind}
              rightSection={<IconChevronDown size={14} />}
              aria-label={t('kinds.choose', { field: label, kind: t(`kinds.${kind}`) })}
            >
              {t(`kinds.${kind}`)}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {kinds.map((each) => (
              <Menu.Item
                key={each}
                aria-current={each === kind || undefined}
                onClick={() => each !== kind && choose(each)}
              >
                {t(`kinds.${each}`)}
                <div className={classes.kindHelp}>{t(`kindHelp.${each satisfies Kind}`)}</div>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

function Editor({
  field,
  label,
  template,
  groups,
  onChange,
  error = false,
  describedBy,
  focus = false,
}: Omit<Props, 'onChange'> & { template: FieldTemplate; onChange(template: FieldTemplate): void }) {
  switch (template.kind) {
    case 'template':
      return (
        <TokenField
          value={template.text}
          onChange={(text) => onChange({ kind: 'template', text })}
          groups={groups}
          label={label}
          error={error}
          describedBy={describedBy}
          lines={field.multiline ?? false}
          focus={focus}
        />
      );
    case 'constant':
      return (
        <ConstantEditor
          field={field}
          value={template.value}
          onChange={(value) => onChange({ kind: 'constant', value })}
          label={label}
          error={error}
        />
      );
    case 'table':
      return (
        <ValueTable
          table={template}
          field={field}
          label={label}
          groups={groups}
          onChange={onChange}
          error={error}
          focus={focus}
        />
      );
    case 'tree':
      return (
        <TreeEditor value={template.value} onChange={(value) => onChange({ kind: 'tree', value })} label={label} />
      );
  }
}
