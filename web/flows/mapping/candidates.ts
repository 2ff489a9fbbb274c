import { useEffect } from 'react';
import { inLanguage, useLanguage } from '../../ui/text.ts';
import { useEditor } from '../editor/context.ts';
import type { Candidate } from './autofill.ts';

/** Fields of the trigger's record and of its nearest references, to fill a mapping from by name. */
export function useCandidates(): Candidate[] {
  const { source } = useEditor();
  const language = useLanguage();
  const { fields, look } = source;
  useEffect(() => {
    for (const field of fields) if (field.target && !field.list && !field.derived) look([field.key]);
  }, [fields, look]);
  return fields.flatMap((field): Candidate[] => {
    if (field.writeOnly) return [];
    const label = inLanguage(field.label, language);
    const own: Candidate = { path: ['trigger', field.key], labels: [label], type: field.type, list: field.list };
    if (!field.target || field.list) return [own];
    const behind = source.childrenOf([field.key]) ?? [];
    return [
      own,
      ...behind.map((child) => ({
        path: ['trigger', field.key, child.key],
        labels: [label, inLanguage(child.label, language)],
        type: child.type,
        list: child.list,
      })),
    ];
  });
}
