import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import { useText } from '../../ui/text.ts';
import { useEditor } from '../editor/context.ts';
import { type Walked, walkFields } from './paths.ts';
import type { SourceGroup } from './rows.ts';

/** Whatever a step wrote, it has an id. */
const idField: FieldView = { key: 'id', label: { en: 'Id of the record', ru: 'Номер записи' }, type: 'text' };

/** The sources a step may map from: the trigger and the steps before it. */
export function useSourceGroups(step?: string): SourceGroup[] {
  const { draft, source, stepRecords, catalog } = useEditor();
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
      childrenOf: (path) => (path.length === 0 ? withId(stepRecords.get(earlier.id) ?? []) : undefined),
    });
  }
  return groups;
}

const withId = (fields: FieldView[]) => (fields.some((field) => field.key === 'id') ? fields : [idField, ...fields]);

/** Where a path of a template leads, its group first left out. */
export function fieldsOnPath(groups: SourceGroup[], path: string[]): Walked {
  const group = groups.find((each) => each.id === path[0]);
  return group ? walkFields(path.slice(1), group.childrenOf) : { chain: [], keys: [], rest: path.slice(1) };
}
