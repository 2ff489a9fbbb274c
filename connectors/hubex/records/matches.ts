import type { Field, Value } from '../../../kit/field.ts';
import type { Condition, Rec } from '../../../kit/record-type.ts';
import { idOf } from './choices.ts';

/** HubEx searches by substring, so each hit is compared again here: phones by their last ten digits, words without case and spaces. */
export function matches(record: Rec, where: Condition[], fields: Field[]): boolean {
  return where.every(({ field, values }) => {
    const type = fields.find(({ key }) => key === field)?.type;
    const key = keyOf(type, record.values[field]);
    return key !== '' && values.some((value) => keyOf(type, value) === key);
  });
}

function keyOf(type: Field['type'] | undefined, value: Value | undefined): string {
  const text = idOf(value) ?? '';
  if (type === 'phone') return text.replace(/\D/g, '').slice(-10);
  if (type === 'choice' || type === 'reference' || type === 'number') return text.trim();
  return text.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
}
