import type { CardState } from './card.tsx';
import { useActionFieldsOf } from './catalog.ts';
import type { Editor } from './context.ts';
import { stepReady, triggerReady } from './draft.ts';

/** What each card shows about itself. */
export function useCardStates({
  draft,
  catalog,
  problems,
  trial,
  wizard,
  source,
  open,
}: Editor): Map<string, CardState> {
  const fieldsOf = useActionFieldsOf(draft.steps, catalog);
  const states = new Map<string, CardState>();
  const wrong = (card: string) => problems.some((problem) => problem.card === card);
  // What is being filled for the first time is not wrong yet; a card left half-filled is.
  const filling = (card: string) => wizard && open === card;
  const triggerDone = triggerReady(draft.trigger, catalog.triggerOf(draft.trigger));
  const triggerWrong = (!wizard && wrong('trigger')) || source.error !== null;
  states.set('trigger', !triggerDone ? 'empty' : triggerWrong ? 'problem' : source.sample ? 'checked' : 'ready');
  states.set(
    'filter',
    wrong('filter') ? (filling('filter') ? 'empty' : 'problem') : trial.data && !trial.error ? 'checked' : 'ready',
  );
  for (const step of draft.steps) {
    const tried = trial.data?.steps.find((each) => each.id === step.id);
    const refused = tried && (tried.failure !== null || Object.values(tried.fields).some((field) => field.problem));
    const begun = Boolean(step.connection && step.action);
    const whole = stepReady(step, catalog.actionOf(step), fieldsOf.get(step.id));
    if (!begun) states.set(step.id, 'empty');
    else if (wrong(step.id) || refused) states.set(step.id, filling(step.id) && !whole ? 'empty' : 'problem');
    else states.set(step.id, !whole ? 'empty' : tried && !trial.error ? 'checked' : 'ready');
  }
  return states;
}
