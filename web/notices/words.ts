export const words = {
  en: {
    title: 'Notices',
    unread_one: 'Notices, {{count}} unread',
    unread_other: 'Notices, {{count}} unread',
    new: 'New',
    settled: 'Settled',
    toRuns: 'Show the runs',
    none: 'No notices',
    noneMore:
      'When a flow is paused, a connection loses access or will soon, a trigger falls silent or a run fails, it will be told here.',
  },
  ru: {
    title: 'Уведомления',
    unread_one: 'Уведомления, {{count}} непрочитанное',
    unread_few: 'Уведомления, {{count}} непрочитанных',
    unread_many: 'Уведомления, {{count}} непрочитанных',
    unread_other: 'Уведомления, {{count}} непрочитанных',
    new: 'Новое',
    settled: 'Решено',
    toRuns: 'Показать операции',
    none: 'Уведомлений нет',
    noneMore:
      'Если связка приостановится, подключение потеряет доступ или скоро потеряет, событие надолго замолчит или операция не пройдёт, это появится здесь.',
  },
};
