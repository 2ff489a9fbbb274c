import { parsePath, printPath, variable } from './template.ts';

/** A formula of a field as the chip shows it: its name and the values it is given. */
export interface Formula {
  name: string;
  values: FormulaValue[];
}
export type FormulaValue =
  | { kind: 'text'; text: string }
  | { kind: 'number'; digits: string }
  | { kind: 'field'; path: string[] };

const pieces = {
  name: /\s*([A-Za-z_]\w*)\s*/y,
  colon: /:\s*/y,
  comma: /\s*,\s*/y,
  bar: /\s*\|/y,
  end: /\s*$/y,
  quoted: /"((?:[^"\\]|\\["'\\n])*)"|'((?:[^'\\]|\\["'\\n])*)'/y,
  number: /-?\d+(?:\.\d+)?(?![\w.])/y,
  variable: new RegExp(variable.source.slice(1), 'y'),
};
/** Words of Liquid that look like a variable and are none. */
const constants = new Set(['true', 'false', 'nil', 'null', 'empty', 'blank']);

/** Reads `strip | date: "%d", zone`. Null for what only Liquid understands (named values, ranges): it is left as it is written. */
export function parseFormulas(code: string): Formula[] | null {
  if (!code.trim()) return [];
  let at = 0;
  const take = (kind: keyof typeof pieces): RegExpExecArray | null => {
    pieces[kind].lastIndex = at;
    const match = pieces[kind].exec(code);
    if (match) at += match[0].length;
    return match;
  };
  const value = (): FormulaValue | null => {
    const quoted = take('quoted');
    if (quoted) return { kind: 'text', text: unescaped(quoted[1] ?? quoted[2] ?? '') };
    const number = take('number');
    if (number) return { kind: 'number', digits: number[0] };
    const field = take('variable')?.[0];
    return field && !constants.has(field) ? { kind: 'field', path: parsePath(field) } : null;
  };
  const formulas: Formula[] = [];
  do {
    const name = take('name')?.[1];
    if (!name) return null;
    const values: FormulaValue[] = [];
    if (take('colon'))
      do {
        const next = value();
        if (!next) return null;
        values.push(next);
      } while (take('comma'));
    formulas.push({ name, values });
  } while (take('bar'));
  return take('end') ? formulas : null;
}

/** The Liquid of these formulas. */
export const printFormulas = (formulas: Formula[]): string =>
  formulas
    .map(({ name, values }) => (values.length ? `${name}: ${values.map(printValue).join(', ')}` : name))
    .join(' | ');

function printValue(value: FormulaValue): string {
  switch (value.kind) {
    case 'number':
      return value.digits;
    case 'field':
      return printPath(value.path);
    case 'text':
      return `"${value.text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
  }
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, mark) => (mark === 'n' ? '\n' : mark));

/** What a person typed for a value: digits are a number where a number stood at first. */
export const typedValue = (text: string, numeric: boolean): FormulaValue =>
  numeric && /^-?\d+(\.\d+)?$/.test(text) ? { kind: 'number', digits: text } : { kind: 'text', text };

/** What stands in the box of a value. */
export const valueText = (value: FormulaValue): string =>
  value.kind === 'text' ? value.text : value.kind === 'number' ? value.digits : printPath(value.path);
