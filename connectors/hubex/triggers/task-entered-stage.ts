import type { Value } from '../../../kit/field.ts';
import type { FormValues } from '../../../kit/form.ts';
import type { Trigger, TriggerItem } from '../../../kit/trigger.ts';
import { type HubexApi, taskOrder } from '../api.ts';
import { choice, choicesOf, idOf, present } from '../records/choices.ts';
import { type ChangedTask, readChangedTasks } from '../records/task-changes.ts';
import { newestFirst } from '../records/task-load.ts';
import { type Named, readTime, type StageEntry, taskOf } from '../wire.ts';

interface Reach {
  start: Date;
  since: Date;
}

function item(id: string, entered: { stage: Named; at: string; notes?: string | undefined }): TriggerItem {
  const { stage, at, notes } = entered;
  return {
    key: `${id}:${stage.id}:${at}`,
    recordId: id,
    details: present({ enteredStage: choice(stage), enteredAt: at, stageNotes: notes }),
    at,
  };
}

/**
 * The stages a changed task went through. Its history tells them all, also those it left again between two looks;
 * where the account sees no history, the stage it has now counts if it is another one than before.
 */
async function entered(api: HubexApi, changed: ChangedTask, reach: Reach): Promise<TriggerItem[]> {
  const { zone } = api.settings;
  const history = newestFirst(await api.taskStages(changed.id), zone).flatMap((entry) => timed(entry, zone) ?? []);
  if (history.length === 0) return presentStage(changed, { zone, start: reach.start });
  return history
    .filter((entry, index) => isNews(entry, { changed, reach, isPresent: index === 0 }))
    .map((entry) => item(changed.id, entry))
    .reverse();
}

/** Entered after we saw the task last. Offline engineers report with the time of then: another stage is news whatever its time. */
function isNews(
  entry: { stage: Named; at: string },
  about: { changed: ChangedTask; reach: Reach; isPresent: boolean },
): boolean {
  const { before } = about.changed;
  const [at, start] = [Date.parse(entry.at), floorSecond(about.reach.start)];
  if (!before) return at >= floorSecond(about.reach.since);
  const isOther = entry.stage.id !== before.stage;
  if (isOther && about.isPresent) return true;
  const seen = Date.parse(before.touchedAt);
  // Times are whole seconds: in the second we saw last another stage may have come after; a repeated key harms nobody.
  return at >= start && (at > seen || (isOther && at === seen));
}

/** Without a history the stage of now counts, if the task was in another one before or came to it since the start. */
function presentStage(changed: ChangedTask, about: { zone: string; start: Date }): TriggerItem[] {
  const { before, task, touchedAt } = changed;
  const stage = task.taskStage;
  if (!stage || before?.stage === stage.id) return [];
  const moved = readTime(task.timesheet.statusChanged, about.zone);
  const at = moved ?? (before ? touchedAt : readTime(task.timesheet.created, about.zone));
  if (!at || (!before && Date.parse(at) < floorSecond(about.start))) return [];
  return [item(changed.id, { stage, at })];
}

const floorSecond = (time: Date): number => Math.floor(time.getTime() / 1000) * 1000;

function timed(entry: StageEntry, zone: string): { stage: Named; at: string; notes: string | undefined } | null {
  const at = readTime(entry.completed, zone);
  return entry.taskStage && at ? { stage: entry.taskStage, at, notes: entry.notes } : null;
}

/** The stage of the settings; null: any. */
const chosenStage = (settings: FormValues): string | null => idOf(settings.stage as Value | undefined);

const inStage = (items: TriggerItem[], stage: string | null): TriggerItem[] =>
  stage === null ? items : items.filter(({ details }) => idOf(details?.enteredStage) === stage);

export const taskEnteredStage: Trigger<HubexApi> = {
  key: 'task.enteredStage',
  label: { en: 'Task entered stage', ru: 'Заявка перешла на стадию' },
  help: {
    en: 'Fires once for each time a task enters a stage.',
    ru: 'Срабатывает один раз на каждый переход заявки на стадию.',
  },
  recordType: 'task',
  about: ['stage'],
  settings: [
    {
      key: 'stage',
      label: { en: 'Stage', ru: 'Стадия' },
      type: 'select',
      choicesOf: 'task.stage',
      help: { en: 'Empty: any stage.', ru: 'Пусто: любая стадия.' },
    },
  ],
  describe: async (api) => [
    {
      key: 'enteredStage',
      label: { en: 'Stage that was entered', ru: 'Стадия, на которую перешла' },
      type: 'choice',
      ...(await choicesOf(api, 'stage')),
    },
    { key: 'enteredAt', label: { en: 'Entered at', ru: 'Время перехода' }, type: 'datetime' },
    {
      key: 'stageNotes',
      label: { en: 'Note of the move', ru: 'Примечание к переходу' },
      type: 'text',
      multiline: true,
    },
  ],

  async poll(api, { settings, ...input }) {
    const { tasks, next, more, ...reach } = await readChangedTasks(api, input);
    const items: TriggerItem[] = [];
    for (const changed of tasks) items.push(...(await entered(api, changed, reach)));
    return { items: inStage(items, chosenStage(settings)), next, more };
  },

  async newest(api, { limit, settings }) {
    const stage = chosenStage(settings);
    const filter = stage === null ? {} : { taskStageID: stage };
    const page = await api.listTasks(
      { ...filter, orderBy: taskOrder.lastModified, sortDirection: 2 },
      { from: 1, till: limit },
    );
    const items = page.rows.flatMap(({ id, row }) => {
      const task = taskOf(row);
      const at = readTime(task.timesheet.statusChanged ?? task.lastModified, api.settings.zone);
      return task.taskStage && at ? [item(id, { stage: task.taskStage, at })] : [];
    });
    return items.sort((one, other) => (other.at ?? '').localeCompare(one.at ?? ''));
  },
};
