import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import { useText } from '../../ui/text.ts';
import { useEditor } from '../editor/context.ts';
import { type Walked, walkFields } from './paths.ts';
import type { SourceGroup } from './rows.ts';

/** What a step leaves for later ones. */
const written: FieldView[] = [
  { key: 'id', label: { en: 'Id of the record', ru: 'Номер записи' }, type: 'text' },
  { key: 'label', label: { en: 'Name of the record', ru: 'Название записи' }, type: 'text' },
  { key: 'url', label: { en: 'Link to the record', ru: 'Ссылка на запись' }, type: 'url' },
];

/** The sources a step may map from: the trigger and the steps before it. */
export function useSourceGroups(step?: string): SourceGroup[] {
  const { draft, source, catalog } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const trigger = catalog.triggerOf(draft.trigger);
  const groups: SourceGroup[] = [
    {
      id: 'trigger',
      title: `1 · ${trigger ? text(trigger.label) : t('editor.when')}`,
      values: source.sample?.values,
      childrenOf: source.childrenOf,
    },
  ];
  for (const [index, earlier] of draft.steps.entries()) {
    if (!step || earlier.id === step) break;
    const action = catalog.actionOf(earlier);
    groups.push({
      id: earlier.id,
      title: `${index + 2} · ${action ? text(action.label) : t('editor.do')}`,
      values: undefined,
      childrenOf: (path) => (path.length === 0 ? written : undefined),
    });
  }
  return groups;
}

/** Where a path of a template leads, its group first left out. */
export function fieldsOnPath(groups: SourceGroup[], path: string[]): Walked {
  const group = groups.find((each) => each.id === path[0]);
  return group ? walkFields(path.slice(1), group.childrenOf) : { chain: [], keys: [], rest: path.slice(1) };
}
