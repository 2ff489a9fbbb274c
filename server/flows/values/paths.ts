import type { Value } from '../../../kit/field.ts';

const own = (value: unknown, key: string): Value | undefined =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, key)
    ? (value as Record<string, Value>)[key]
    : undefined;

/**
 * The value at a path as `contact.phone` or `items.0.name`; through a list it gathers the values of all its elements.
 * A key may hold dots itself (`timesheet.completed` of HubEx): the whole rest of the path is tried as a key first.
 */
export function valueAt(data: Value | undefined, path: string): Value | undefined {
  const whole = own(data, path);
  if (whole !== undefined) return whole;
  if (Array.isArray(data) && !/^\d+(\.|$)/.test(path)) {
    const found = data.map((element) => valueAt(element, path)).filter((value) => value !== undefined);
    return found.length === 0 ? undefined : found.flat();
  }
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const step = own(data, path.slice(0, dot));
    if (step !== undefined) return valueAt(step, path.slice(dot + 1));
  }
  return undefined;
}

/** Each path with the paths it goes through: `contact.phone` needs `contact` to be named and followed. */
export const withPrefixes = (paths: string[]): string[] => [
  ...new Set(
    paths.flatMap((path) => {
      const steps = path.split('.');
      return steps.map((_, index) => steps.slice(0, index + 1).join('.'));
    }),
  ),
];
