import type { Text } from '../../../kit/text.ts';
import type { TriggerView } from '../../connections/contract.ts';
import { type FlowDefinition, type FlowDraft, type FlowProblem, flowDefinition } from '../contract.ts';
import { filterPaths } from '../filter/evaluate.ts';
import { stepPaths } from '../values/map-fields.ts';
import { withPrefixes } from '../values/paths.ts';
import { filterProblems } from './filter.ts';
import { type Known, offeredTrigger, problem } from './problem.ts';
import { missingSettings, stepProblems } from './step.ts';

export type { Known, KnownStep } from './problem.ts';

/** Every mistake of a half-made flow, in words, on the card it belongs to. None: it can be saved and started. */
export function findProblems(draft: FlowDraft, given: Known): FlowProblem[] {
  const known = withoutGuesses(draft, given);
  const steps = draft.steps.flatMap((step, index) => stepProblems({ draft, step, index, known }));
  if (draft.steps.length === 0) {
    steps.push(problem('steps', 'steps.none', { en: 'Choose what to do.', ru: 'Выберите, что сделать.' }));
  }
  return [...triggerProblems(draft, known), ...filterProblems(draft.filter, known.fieldAt), ...steps];
}

/**
 * Fields of an event without a record are guessed from samples: a path that no sample had is no mistake. Of an event
 * that is gone the fields are gone too: that is one mistake, not one for each of them.
 */
function withoutGuesses({ trigger }: FlowDraft, { fieldAt, ...known }: Known): Known {
  const event = offeredTrigger(known, { connection: trigger?.connection ?? '', key: trigger?.trigger ?? '' });
  const isTold = event.is === 'there' && event.view.recordType !== null;
  return !isTold || !fieldAt ? known : { ...known, fieldAt };
}

function triggerProblems({ trigger }: FlowDraft, known: Known): FlowProblem[] {
  const at = (code: string, text: Text, about?: string) => [problem('trigger', `trigger.${code}`, text, about)];
  if (!trigger?.connection) {
    return at('no_connection', {
      en: 'Choose the app it starts in.',
      ru: 'Выберите приложение, с которого всё начинается.',
    });
  }
  const connection = known.connections.find(({ id }) => id === trigger.connection);
  if (!connection) {
    return at('connection_gone', {
      en: 'The connection was deleted. Choose another one.',
      ru: 'Подключение удалено. Выберите другое.',
    });
  }
  if (!trigger.trigger) return at('none', { en: 'Choose what has to happen.', ru: 'Выберите, что должно произойти.' });
  const event = offeredTrigger(known, { connection: connection.id, key: trigger.trigger });
  switch (event.is) {
    case 'gone':
      return at('unknown', event.text, 'trigger');
    case 'unasked':
      return [];
    case 'there': {
      const settings = missingSettings('trigger', event.view.settings, trigger.settings);
      return [...modeProblems(trigger.mode, event.view), ...settings];
    }
  }
}

function modeProblems(mode: 'realTime' | 'poll' | undefined, view: TriggerView): FlowProblem[] {
  const at = (code: string, text: Text) => [problem('trigger', `trigger.${code}`, text)];
  if (mode === undefined) {
    return at('no_mode', {
      en: 'Choose: in real time, or every few minutes.',
      ru: 'Выберите: в реальном времени или раз в несколько минут.',
    });
  }
  if (mode === 'realTime' && !view.realTime) {
    return at('no_real_time', {
      en: 'The app does not call us for this event. Choose to ask it every few minutes.',
      ru: 'Об этом событии приложение само не сообщает. Выберите проверку раз в несколько минут.',
    });
  }
  if (mode === 'poll' && !view.polled) {
    return at('not_polled', {
      en: 'The app cannot be asked for this event, it calls us. Choose real time.',
      ru: 'Спросить приложение об этом событии нельзя, оно сообщает само. Выберите реальное время.',
    });
  }
  return [];
}

/** Paths over the trigger's record that a draft reads, with those they go through. */
export function draftPaths(draft: FlowDraft): string[] {
  const mapped = draft.steps.flatMap(({ mapping = {}, duplicates }) =>
    stepPaths({ mapping, duplicates: { ...noDuplicates, ...duplicates } }),
  );
  const ofTrigger = mapped.flatMap((path) => (path.startsWith('trigger.') ? [path.slice('trigger.'.length)] : []));
  return withPrefixes([...filterPaths(draft.filter), ...ofTrigger]);
}

const noDuplicates = { mode: 'create' as const, keys: [], several: 'stop' as const, fields: {} };

/** The definition a whole draft is; null while something is missing. */
export function draftToDefinition(draft: FlowDraft): FlowDefinition | null {
  const parsed = flowDefinition.safeParse(draft);
  return parsed.success ? parsed.data : null;
}
