/** Words of what frames the pages of one flow. */
export const frameWords = {
  en: { tabs: { label: 'Pages of the flow', steps: 'Steps', pairs: 'Linked records', settings: 'Settings' } },
  ru: { tabs: { label: 'Страницы связки', steps: 'Шаги', pairs: 'Связанные записи', settings: 'Настройки' } },
};
