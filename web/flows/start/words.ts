/** Words of the start. */
export const startWords = {
  en: {
    start: {
      title: 'Start “{{name}}”?',
      fromNowFirst: 'It goes on from now: records that exist already are left alone.',
      missed_one: '{{count}} event arrived while the flow was not running',
      missed_other: '{{count}} events arrived while the flow was not running',
      missedUnknown: 'Something may have happened while the flow was not running',
      catchUp_one: 'Catch up: carry out {{count}} event',
      catchUp_other: 'Catch up: carry out {{count}} events',
      catchUpUnknown: 'Catch up: ask the app what has changed since',
      fromNow: 'Go on from now',
      fromNowHelp: 'What happened in the meantime is left out.',
      works: 'The flow works',
      waits: 'The flow waits for events',
    },
  },
  ru: {
    start: {
      title: 'Запустить связку «{{name}}»?',
      fromNowFirst: 'Связка начнёт с этого момента: записи, которые уже есть, она не тронет.',
      missed_one: 'Пока связка не работала, пришло {{count}} событие',
      missed_few: 'Пока связка не работала, пришло {{count}} события',
      missed_many: 'Пока связка не работала, пришло {{count}} событий',
      missed_other: 'Пока связка не работала, пришло {{count}} события',
      missedUnknown: 'Пока связка не работала, что-то могло произойти',
      catchUp_one: 'Наверстать: обработать {{count}} событие',
      catchUp_few: 'Наверстать: обработать {{count}} события',
      catchUp_many: 'Наверстать: обработать {{count}} событий',
      catchUp_other: 'Наверстать: обработать {{count}} события',
      catchUpUnknown: 'Наверстать: спросить приложение, что изменилось с тех пор',
      fromNow: 'Начать с этого момента',
      fromNowHelp: 'То, что случилось за это время, пропускаем.',
      works: 'Связка работает',
      waits: 'Связка ждёт событий',
    },
  },
};
