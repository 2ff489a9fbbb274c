import type { Values } from '../../kit/field.ts';
import type { FormField } from '../../kit/form.ts';
import type { CreateInput, RepeatRule } from '../../kit/record-type.ts';
import type { WebhookApi } from './api.ts';

/** The header that lets the other side recognise a repeat, when a person named one. */
export function idempotency(input: Pick<CreateInput, 'settings' | 'repeatKey'>): Record<string, string> {
  const name = input.settings.idempotencyHeader;
  return typeof name === 'string' && name.trim() !== '' ? { [name.trim()]: input.repeatKey } : {};
}

export const idempotencyField: FormField = {
  key: 'idempotencyHeader',
  label: { en: 'Header against repeats', ru: 'Заголовок против повторов' },
  type: 'text',
  placeholder: 'Idempotency-Key',
  advanced: true,
  help: {
    en: 'When the app keeps a request with a known key from being done twice: the header for that key. Then a request whose answer got lost is sent again by itself; else a person is asked.',
    ru: 'Если приложение не выполняет дважды запрос с известным ключом: заголовок для этого ключа. Тогда запрос, ответ на который потерялся, отправляется ещё раз сам; иначе решает человек.',
  },
};

/** With its key a request may simply go again, and so may one that is `safe` by itself; else nobody can tell whether it was done. */
export const repeatRule = (isSafe: (values: Values) => boolean): RepeatRule<WebhookApi> => ({
  kind: 'recover',
  afterSeconds: 0,
  recover: async (_api, input) =>
    isSafe(input.values) || Object.keys(idempotency(input)).length > 0 ? 'notDone' : 'unknown',
});
