import type { TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import type { FormFieldView } from '../../server/connections/contract.ts';
import { checkForm, type FormValues, problemErrors, splitValues, startValues } from './form-values.ts';
import { inLanguage, type Text } from './text.ts';

const address: FormFieldView = { key: 'address', label: 'Address', type: 'url', required: true };
const token: FormFieldView = { key: 'token', label: 'Token', type: 'secret', required: true };
const zone: FormFieldView = {
  key: 'zone',
  label: 'Zone',
  type: 'text',
  default: 'UTC',
  pattern: 'UTC|[A-Za-z]+/[A-Za-z]+',
  patternHelp: { en: 'A name like UTC', ru: 'Название вида UTC' },
};
const headers: FormFieldView = { key: 'headers', label: 'Headers', type: 'json' };
const fields = [address, token, zone, headers];

const say = (text: Text) => inLanguage(text, 'ru');
const t = ((key: string) => key) as unknown as TFunction<'ui'>;
const mistakes = (values: FormValues, secretsSet: string[] = []) => checkForm({ fields, values, secretsSet, say, t });

describe('a form that a connector describes', () => {
  it('opens with the defaults, and with what is kept over them', () => {
    expect(startValues(fields)).toEqual({ zone: 'UTC' });
    expect(startValues(fields, { zone: 'Europe/Moscow', address: 'https://a.example' })).toEqual({
      zone: 'Europe/Moscow',
      address: 'https://a.example',
    });
  });

  it('asks for what is required, spaces alone being nothing', () => {
    expect(mistakes({ address: '  ' })).toEqual({ address: 'mustFill', token: 'mustFill' });
  });

  it('lets a kept secret stay empty', () => {
    expect(mistakes({ address: 'https://a.example' }, ['token'])).toEqual({});
  });

  it('matches the whole value against the pattern and explains in the person’s language', () => {
    const sound = { address: 'https://a.example', token: 'x' };
    expect(mistakes({ ...sound, zone: 'Europe/Moscow' })).toEqual({});
    expect(mistakes({ ...sound, zone: 'not UTC' })).toEqual({ zone: 'Название вида UTC' });
  });

  it('takes templates for addresses, and nothing else that is none', () => {
    expect(mistakes({ address: '{{ trigger.link }}', token: 'x' })).toEqual({});
    expect(mistakes({ address: 'company.bitrix24.ru', token: 'x' })).toEqual({ address: 'badUrl' });
  });

  it('tells broken JSON', () => {
    expect(mistakes({ address: 'https://a.example', token: 'x', headers: '{"a": 1' })).toEqual({ headers: 'badJson' });
  });

  it('sends secrets apart, trimmed, and an empty one not at all', () => {
    expect(splitValues(fields, { address: ' https://a.example ', token: ' abc\n' })).toEqual({
      fields: { address: 'https://a.example' },
      secrets: { token: 'abc' },
    });
    expect(splitValues(fields, { address: 'https://a.example', token: ' ' }).secrets).toEqual({});
  });

  it('puts the server’s complaints beside their fields', () => {
    const problem = { errors: [{ pointer: '/body/fields/a~1b', text: { en: 'No', ru: 'Нет' } }] };
    expect(problemErrors(problem, say)).toEqual({ 'a/b': 'Нет' });
  });
});
