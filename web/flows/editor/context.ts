import { createContext, useContext } from 'react';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { Flow, FlowDraft, FlowProblem } from '../../../server/flows/contract.ts';
import type { Source } from '../source/use-source.ts';
import type { Catalog } from './catalog.ts';
import type { TrialView } from './use-trial.ts';

/** What every card of the editor works on. */
export interface Editor {
  flow: Flow;
  draft: FlowDraft;
  generation: number;
  change(edit: (draft: FlowDraft) => FlowDraft): void;
  /** Mistakes as the server found them in the draft saved last. */
  problems: FlowProblem[];
  catalog: Catalog;
  source: Source;
  /** Fields of the record that each step writes, for the steps after it. */
  stepRecords: ReadonlyMap<string, FieldView[]>;
  trial: TrialView;
  /** `trigger`, `filter` or a step's id. */
  open: string | null;
  setOpen(card: string | null): void;
  /** The first time, cards open one after another. */
  wizard: boolean;
  /** The field a problem was clicked for: it takes the focus. */
  focus: string | null;
  goTo(card: string, field?: string): void;
  /** Opens the check on a recent record. */
  test(): void;
}

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('useEditor outside of the editor');
  return editor;
}
