import type { Action } from '../../../kit/action.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import { fill } from '../../../kit/text.ts';
import type { HubexApi } from '../api.ts';
import { choicesOf, idOf } from '../records/choices.ts';

export const moveToStage: Action<HubexApi> = {
  key: 'task.moveToStage',
  label: { en: 'Move task to stage', ru: 'Перевести заявку на стадию' },
  help: {
    en: 'Only where the life cycle of HubEx leads from the present stage.',
    ru: 'Только туда, куда ведёт жизненный цикл HubEx из текущей стадии.',
  },
  recordType: 'task',
  describe: async (api) => [
    {
      key: 'stage',
      label: { en: 'Stage', ru: 'Стадия' },
      type: 'choice',
      required: true,
      ...(await choicesOf(api, 'stage')),
    },
    { key: 'notes', label: { en: 'Note of the move', ru: 'Примечание к переходу' }, type: 'text', multiline: true },
  ],

  async run(api, { target, values }) {
    const stage = idOf(values.stage);
    if (!target) throw noTask();
    if (stage === null) throw noStage();
    const task = await api.getTask(target.id);
    if (!task || task.deleted !== undefined) throw gone();
    // Also the answer to a repeat whose first try went through.
    if (task.taskStage?.id === stage) return { id: target.id };
    const offered = await api.nextStages(target.id);
    if (!offered.some(({ id }) => id === stage)) throw notOffered({ from: task.taskStage?.name, offered });
    const notes = idOf(values.notes);
    await api.moveTask({ taskID: Number(target.id), taskStageID: Number(stage), ...(notes === null ? {} : { notes }) });
    return { id: target.id };
  },
  repeat: { kind: 'safe' },
};

const noTask = (): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'hubex.no_task',
    text: {
      en: 'No HubEx task was found to move to another stage. Check by which field the step finds it.',
      ru: 'Не найдена заявка HubEx, которую нужно перевести на стадию. Проверьте, по какому полю шаг её ищет.',
    },
  });

const noStage = (): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'hubex.no_stage',
    field: 'stage',
    text: {
      en: 'The stage to move the task to is empty. Choose one in the mapping of the step.',
      ru: 'Не указана стадия, на которую перевести заявку. Выберите её в сопоставлении шага.',
    },
  });

const gone = (): ConnectorError =>
  new ConnectorError({
    kind: 'gone',
    code: 'hubex.TaskNotFound',
    text: {
      en: 'The task to move is not in HubEx any more. If it is still wanted, create it anew.',
      ru: 'Заявки, которую нужно перевести, больше нет в HubEx. Если она ещё нужна, создайте её заново.',
    },
  });

function notOffered(about: { from: string | undefined; offered: { name: string }[] }): ConnectorError {
  const possible = about.offered.map(({ name }) => `«${name}»`).join(', ');
  return new ConnectorError({
    kind: 'rejected',
    code: 'hubex.stage_not_offered',
    field: 'stage',
    text: fill(
      {
        en: 'From the stage {from} HubEx does not let the task go there. Possible: {possible}.',
        ru: 'Из стадии {from} HubEx не переводит заявку на указанную. Возможны: {possible}.',
      },
      { from: `«${about.from ?? '?'}»`, possible: possible || { en: 'none', ru: 'никакие' } },
    ),
  });
}
