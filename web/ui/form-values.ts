import type { TFunction } from 'i18next';
import type { FormFieldView } from '../../server/connections/contract.ts';
import type { JsonValue } from '../../server/http/contract.ts';
import type { ApiProblem } from '../api.ts';
import type { Text } from './text.ts';

export type FormValues = Record<string, JsonValue>;
export type FormErrors = Record<string, string>;

/** The values a form opens with: what is kept, else the defaults. */
export function startValues(fields: FormFieldView[], kept: FormValues = {}): FormValues {
  const values: FormValues = { ...kept };
  for (const field of fields)
    if (values[field.key] === undefined && field.default !== undefined) values[field.key] = field.default;
  return values;
}

/** Secrets apart from the rest, as the API takes them; an empty secret is left out, so that a kept one stays. */
export function splitValues(
  fields: FormFieldView[],
  values: FormValues,
): { fields: FormValues; secrets: Record<string, string> } {
  const plain: FormValues = {};
  const secrets: Record<string, string> = {};
  for (const { key, type } of fields) {
    const value = values[key];
    if (value === undefined) continue;
    if (type !== 'secret') plain[key] = typeof value === 'string' ? value.trim() : value;
    else if (typeof value === 'string' && value.trim() !== '') secrets[key] = value.trim();
  }
  return { fields: plain, secrets };
}

interface Check {
  fields: FormFieldView[];
  values: FormValues;
  secretsSet?: string[];
  say: (text: Text) => string;
  t: TFunction<'ui'>;
}

/** What is wrong, by field, before the server is asked. */
export function checkForm({ fields, values, secretsSet = [], say, t }: Check): FormErrors {
  const errors: FormErrors = {};
  for (const field of fields) {
    const value = values[field.key];
    const empty = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
    if (empty) {
      if (field.required && !secretsSet.includes(field.key))
        errors[field.key] = t('mustFill', { field: say(field.label) });
      continue;
    }
    const words = wrong(field, value);
    if (words === 'pattern') errors[field.key] = field.patternHelp ? say(field.patternHelp) : t('badPattern');
    else if (words) errors[field.key] = t(words);
  }
  return errors;
}

function wrong(field: FormFieldView, value: JsonValue): 'badNumber' | 'badUrl' | 'badJson' | 'pattern' | undefined {
  if (field.type === 'number' && !Number.isFinite(Number(value))) return 'badNumber';
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  if (field.type === 'json') return parseJson(trimmed) === undefined ? 'badJson' : undefined;
  if (field.pattern && !new RegExp(`^(?:${field.pattern})$`, 'u').test(trimmed)) return 'pattern';
  // A template such as {{ trigger.id }} is not an address yet.
  if (field.type === 'url' && !trimmed.includes('{{') && !/^https?:\/\/\S+$/i.test(trimmed)) return 'badUrl';
  return undefined;
}

/** Undefined: it is not JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The server's complaints by the last part of their pointers: `/body/fields/portal` is about `portal`. */
export function problemErrors(problem: Pick<ApiProblem, 'errors'>, say: (text: Text) => string): FormErrors {
  return Object.fromEntries(
    problem.errors.map(({ pointer, text }) => [
      pointer.split('/').at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~') ?? '',
      say(text),
    ]),
  );
}

/** Puts the cursor into the first wrong field once React has drawn the errors. */
export function focusFirstError(form: HTMLElement | null): void {
  requestAnimationFrame(() =>
    form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid="true"]')?.focus(),
  );
}
