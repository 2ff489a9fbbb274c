import { describe, expect, test } from 'vitest';
import type { FieldView } from '../../../server/connections/contract.ts';
import { autofill, type Candidate } from './autofill.ts';

const field = (key: string, type: FieldView['type'], ru: string, en = key): FieldView => ({
  key,
  type,
  label: { en, ru },
});
const from = (path: string, type: FieldView['type'], ...labels: string[]): Candidate => ({
  path: ['trigger', ...path.split('.')],
  type,
  labels,
});
const free = () => false;

describe('filling by name', () => {
  test('the same name and type', () => {
    const filled = autofill([field('notes', 'text', 'Комментарий')], [from('comments', 'text', 'Комментарий')], free);
    expect(filled).toEqual({ notes: { kind: 'template', text: '{{ trigger.comments }}' } });
  });

  test("the phone of the contact goes to the contact person's phone", () => {
    const sources = [
      from('contact.phone', 'phone', 'Контакт', 'Телефон'),
      from('company.phone', 'phone', 'Компания', 'Телефон'),
    ];
    const filled = autofill([field('contactPhone', 'phone', 'Телефон контактного лица')], sources, free);
    expect(filled).toEqual({ contactPhone: { kind: 'template', text: '{{ trigger.contact.phone }}' } });
  });

  test('two equally good fields are not certain', () => {
    const sources = [
      from('contact.phone', 'phone', 'Контакт', 'Телефон'),
      from('company.phone', 'phone', 'Компания', 'Телефон'),
    ];
    expect(autofill([field('phone', 'phone', 'Телефон')], sources, free)).toEqual({});
  });

  test('a choice of one app is not a choice of another', () => {
    expect(autofill([field('stage', 'choice', 'Стадия')], [from('stage', 'choice', 'Стадия')], free)).toEqual({});
  });

  test('what is mapped or read only stays', () => {
    const targets = [field('title', 'text', 'Название'), { ...field('name', 'text', 'Имя'), readOnly: true }];
    const sources = [from('title', 'text', 'Название'), from('name', 'text', 'Имя')];
    expect(autofill(targets, sources, (key) => key === 'title')).toEqual({});
  });
});
