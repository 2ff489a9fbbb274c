import { Refusal } from './refusal.ts';

/** `$filter` of OData 3 and 4, as far as a connector asks: comparisons, and, or, not, the text functions. */

type Value = string | number | boolean | null;
/** A column of a row by its path. */
export type Resolve = (path: string) => Value;
export type Predicate = (resolve: Resolve) => boolean;
type Operand = (resolve: Resolve) => Value;

interface Token {
  kind: 'word' | 'text' | 'time' | 'guid' | 'number' | 'mark';
  text: string;
}

const patterns: [Token['kind'], RegExp][] = [
  ['guid', /^guid'([0-9a-f-]{36})'/i],
  ['time', /^datetime'([^']*)'/i],
  ['text', /^'((?:[^']|'')*)'/],
  ['time', /^(\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)/],
  ['guid', /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i],
  ['number', /^(-?\d+(?:\.\d+)?)/],
  ['word', /^([A-Za-z_][\w/]*)/],
  ['mark', /^([(),])/],
];

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = patterns.map(([kind, pattern]) => ({ kind, match: pattern.exec(rest) })).find((one) => one.match);
    if (!match?.match) throw Refusal.badQuery(`Syntax error at position ${text.length - rest.length} in '${text}'.`);
    found.push({ kind: match.kind, text: (match.match[1] ?? '').replaceAll("''", "'") });
    rest = rest.slice(match.match[0].length).trimStart();
  }
  return found;
}

export interface FilterOptions {
  caseSensitive: boolean;
  /** Functions of the other dialect are unknown. */
  functions: string[];
  /** A time literal as UTC with six digits. */
  time(text: string): string;
}

const compare: Record<string, (a: Value, b: Value) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a !== null && b !== null && a > b,
  ge: (a, b) => a !== null && b !== null && a >= b,
  lt: (a, b) => a !== null && b !== null && a < b,
  le: (a, b) => a !== null && b !== null && a <= b,
};

const functions: Record<string, (a: string, b: string) => Value> = {
  tolower: (a) => a.toLowerCase(),
  contains: (a, b) => a.includes(b),
  substringof: (a, b) => b.includes(a),
  startswith: (a, b) => a.startsWith(b),
  endswith: (a, b) => a.endsWith(b),
};

export function parseFilter(text: string, options: FilterOptions): Predicate {
  const list = tokens(text);
  let at = 0;
  const peek = (): Token | undefined => list[at];
  const isWord = (word: string): boolean => peek()?.kind === 'word' && peek()?.text === word;
  const isMark = (mark: string): boolean => peek()?.kind === 'mark' && peek()?.text === mark;
  const expect = (mark: string): void => {
    if (!isMark(mark)) throw Refusal.badQuery(`'${mark}' expected in '${text}'.`);
    at += 1;
  };
  const fold = (value: Value): Value =>
    typeof value === 'string' && !options.caseSensitive ? value.toLowerCase() : value;

  function either(): Predicate {
    let left = both();
    while (isWord('or')) {
      at += 1;
      const [first, second] = [left, both()];
      left = (resolve) => first(resolve) || second(resolve);
    }
    return left;
  }
  function both(): Predicate {
    let left = one();
    while (isWord('and')) {
      at += 1;
      const [first, second] = [left, one()];
      left = (resolve) => first(resolve) && second(resolve);
    }
    return left;
  }
  function one(): Predicate {
    if (isWord('not')) {
      at += 1;
      const inner = one();
      return (resolve) => !inner(resolve);
    }
    if (isMark('(')) {
      at += 1;
      const inner = either();
      expect(')');
      return inner;
    }
    const left = operand();
    const operator = peek()?.kind === 'word' ? compare[peek()?.text ?? ''] : undefined;
    if (!operator) return (resolve) => left(resolve) === true;
    at += 1;
    const right = operand();
    return (resolve) => operator(fold(left(resolve)), fold(right(resolve)));
  }
  function operand(): Operand {
    const token = peek();
    if (!token) throw Refusal.badQuery(`'${text}' ends too early.`);
    at += 1;
    switch (token.kind) {
      case 'text':
        return () => token.text;
      case 'guid':
        return () => token.text.toLowerCase();
      case 'number':
        return () => Number(token.text);
      case 'time': {
        const time = options.time(token.text);
        return () => time;
      }
      case 'mark':
        throw Refusal.badQuery(`Unexpected '${token.text}' in '${text}'.`);
      case 'word':
        return word(token.text);
    }
  }
  function word(name: string): Operand {
    if (name === 'true' || name === 'false') return () => name === 'true';
    if (name === 'null') return () => null;
    if (!isMark('(')) return (resolve) => resolve(name);
    const call = options.functions.includes(name) ? functions[name] : undefined;
    if (!call) throw Refusal.badQuery(`An unknown function with name '${name}' was found.`);
    at += 1;
    const first = operand();
    let second: Operand = () => '';
    if (isMark(',')) {
      at += 1;
      second = operand();
    }
    expect(')');
    return (resolve) => call(String(first(resolve) ?? ''), String(second(resolve) ?? ''));
  }

  const predicate = either();
  if (at < list.length) throw Refusal.badQuery(`Syntax error near '${peek()?.text}' in '${text}'.`);
  return predicate;
}
