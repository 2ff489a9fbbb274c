import type { Action } from '../../../kit/action.ts';
import type { FormValues } from '../../../kit/form.ts';
import type { CreatioApi } from '../api.ts';

const namesIn = (settings: FormValues): string[] => [
  ...new Set(
    String(settings.parameters ?? '')
      .split(/[,;\s]+/)
      .filter((name) => name !== ''),
  ),
];

/** Starts a business process over there. It may do anything, so a start whose answer got lost is not repeated. */
export const runProcess: Action<CreatioApi> = {
  key: 'process.run',
  label: { en: 'Start business process', ru: 'Запустить бизнес-процесс' },
  recordType: null,
  settings: [
    {
      key: 'process',
      label: { en: 'Code of the process', ru: 'Код процесса' },
      type: 'text',
      required: true,
      placeholder: 'UsrProcess_1a2b3c4',
      help: {
        en: 'In the process designer: the settings of the process, **Code**.',
        ru: 'В дизайнере процессов: настройки процесса, поле **Код**.',
      },
    },
    {
      key: 'parameters',
      label: { en: 'Codes of its parameters', ru: 'Коды параметров' },
      type: 'text',
      placeholder: 'ContactId, Comment',
      help: {
        en: 'Separated by commas. Each becomes a field to map.',
        ru: 'Через запятую. Каждый станет полем для сопоставления.',
      },
    },
  ],
  describe: async (_api, settings) => namesIn(settings).map((name) => ({ key: name, label: name, type: 'text' })),
  async run(api, { values, settings }) {
    const parameters = namesIn(settings).flatMap((name) => {
      const value = values[name];
      return value === undefined || value === null ? [] : [{ name, value: String(value) }];
    });
    await api.runProcess(String(settings.process ?? '').trim(), parameters);
    return {};
  },
  repeat: { kind: 'none' },
};
