import type { Json } from './field.ts';

/** Data of apps stays far below; whatever walks a value after us does so recursively, and the stack must last. */
const deepest = 200;

/** Thrown for JSON that is nested deeper than anything that is data. */
export class TooDeep extends Error {
  override name = 'TooDeep';
}

/** A number of so many digits, seldom one inside a text. Fewer always fit: 2^53 - 1 has 16. */
const manyDigits = /(?:^|[:[,])\s*-?\d{16}/;

/**
 * JSON of an app, a byte order mark before it cut. A whole number beyond 2^53 - 1 stays as its digits, in a text: as a
 * number it would be rounded, and two ids become one. Throws `SyntaxError` or `TooDeep`.
 */
export function parseJson(text: string): Json {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (isDeeper(json, deepest)) throw new TooDeep('JSON nested too deeply');
  // A reviver makes the parsing several times slower, so it is used only where it may have something to do.
  return (manyDigits.test(json) ? JSON.parse(json, keepDigits) : JSON.parse(json)) as Json;
}

/** `context.source` is the value as it was written (ECMAScript, JSON.parse source text access); its types lag behind. */
const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown => {
  const source = context?.source ?? '';
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
};

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Whether arrays and objects are nested deeper than `limit`. */
export function isDeeper(json: string, limit: number): boolean {
  // Every level has two brackets.
  if (json.length <= 2 * limit) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charCodeAt(at);
    if (character === QUOTE) at = endOfString(json, at);
    else if (character === OPEN_LIST || character === OPEN_OBJECT) {
      depth += 1;
      if (depth > limit) return true;
    } else if (character === CLOSE_LIST || character === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

/** Strings are most of a body: `indexOf` passes over them at once. */
function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at !== -1; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return json.length;
}
