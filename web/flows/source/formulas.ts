import type { Text } from '../../ui/text.ts';

/** A formula as it is written behind a field, and what it does. */
export interface Formula {
  code: string;
  group: 'text' | 'number' | 'date' | 'phone' | 'choice' | 'list';
  about: Text;
}

export const formulas: Formula[] = [
  {
    code: 'default: "—"',
    group: 'text',
    about: { en: 'Another text when the field is empty', ru: 'Другой текст, если поле пустое' },
  },
  { code: 'append: " ₽"', group: 'text', about: { en: 'Text after', ru: 'Дописать в конце' } },
  { code: 'prepend: "№ "', group: 'text', about: { en: 'Text before', ru: 'Дописать в начале' } },
  { code: 'strip', group: 'text', about: { en: 'Without spaces at the ends', ru: 'Убрать пробелы по краям' } },
  { code: 'strip_html', group: 'text', about: { en: 'Without HTML tags', ru: 'Убрать разметку HTML' } },
  { code: 'upcase', group: 'text', about: { en: 'In capitals', ru: 'Прописными буквами' } },
  { code: 'downcase', group: 'text', about: { en: 'In small letters', ru: 'Строчными буквами' } },
  {
    code: 'truncate: 100',
    group: 'text',
    about: { en: 'At most so many characters', ru: 'Не длиннее стольких знаков' },
  },
  { code: 'replace: "-", ""', group: 'text', about: { en: 'One text instead of another', ru: 'Заменить одно другим' } },
  {
    code: 'strip_bbcode',
    group: 'text',
    about: { en: 'Without BB codes of Bitrix24', ru: 'Убрать BB-коды Битрикс24' },
  },
  { code: 'plus: 1', group: 'number', about: { en: 'Add', ru: 'Прибавить' } },
  { code: 'times: 1.2', group: 'number', about: { en: 'Multiply', ru: 'Умножить' } },
  { code: 'divided_by: 100.0', group: 'number', about: { en: 'Divide', ru: 'Разделить' } },
  { code: 'round: 2', group: 'number', about: { en: 'Round', ru: 'Округлить' } },
  { code: 'date: "%d.%m.%Y"', group: 'date', about: { en: 'Date as 25.11.2025', ru: 'Дата вида 25.11.2025' } },
  { code: 'date: "%H:%M"', group: 'date', about: { en: 'Time as 14:05', ru: 'Время вида 14:05' } },
  { code: 'add_days: 3', group: 'date', about: { en: 'So many days later', ru: 'На столько дней позже' } },
  { code: 'phone: "RU"', group: 'phone', about: { en: 'A phone as +79991234567', ru: 'Телефон вида +79991234567' } },
  { code: 'digits', group: 'phone', about: { en: 'Digits only', ru: 'Только цифры' } },
  {
    code: 'label',
    group: 'choice',
    about: { en: 'The name of a choice or a linked record', ru: 'Название варианта или связанной записи' },
  },
  {
    code: 'id',
    group: 'choice',
    about: { en: 'The code of a choice or a linked record', ru: 'Код варианта или связанной записи' },
  },
  {
    code: 'yes_no: "да", "нет"',
    group: 'choice',
    about: { en: 'Words for yes and no', ru: 'Слова вместо «да» и «нет»' },
  },
  { code: 'first', group: 'list', about: { en: 'The first of a list', ru: 'Первый в списке' } },
  { code: 'join: ", "', group: 'list', about: { en: 'A list in one line', ru: 'Список через запятую' } },
];
