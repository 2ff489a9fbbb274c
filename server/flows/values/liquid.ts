import { Context, Value as Expression, Liquid, LiquidError, Output, type Template, toValueSync } from 'liquidjs';
import type { Json } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import { FormulaError, type FormulaOptions, formulaFilters } from './formulas.ts';
import { print } from './reading.ts';

const engine = makeEngine();

/** No files, no other templates, bounded length, time and memory; only the described formulas. */
function makeEngine(): Liquid {
  const liquid = new Liquid({
    templates: {},
    relativeReference: false,
    dynamicPartials: false,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    parseLimit: 50_000,
    renderLimit: 300,
    memoryLimit: 5_000_000,
    outputEscape: print,
  });
  for (const tag of ['include', 'render', 'layout', 'block']) delete liquid.tags[tag];
  for (const name of Object.keys(liquid.filters)) liquid.unregisterFilter(name);
  const filters = formulaFilters((context) => (context as Context).getRegister('options') as unknown as FormulaOptions);
  for (const [name, filter] of Object.entries(filters)) liquid.registerFilter(name, filter as never);
  return liquid;
}

/** Parsed once: text, or one lone expression whose value keeps its type; `path` when that is a plain path. */
type Compiled = { templates: Template[]; lone: Expression | null; path: string[] | null };

const compiled = new Map<string, Compiled>();

function compile(text: string): Compiled {
  const known = compiled.get(text);
  if (known) return known;
  const templates = engine.parse(text.trim());
  const [only] = templates;
  const content =
    templates.length === 1 && only instanceof Output ? (only.token as unknown as { content: string }).content : null;
  const lone = content === null ? null : new Expression(content, engine);
  const result = { templates, lone, path: content === null ? null : plainPath(content) };
  if (compiled.size >= 2000) compiled.delete(compiled.keys().next().value ?? '');
  compiled.set(text, result);
  return result;
}

/**
 * Most templates are a path alone. It is walked without the engine, which takes 5 % of a run for six fields; Liquid's
 * own words for lists are left to it.
 */
function plainPath(content: string): string[] | null {
  if (!/^\s*[a-z_]\w*(\.[a-z_]\w*)+\s*$/i.test(content)) return null;
  const path = content.trim().split('.');
  return path.some((key) => key === 'size' || key === 'first' || key === 'last') ? null : path;
}

function valueAt(scope: object, path: string[]): unknown {
  let value: unknown = scope;
  for (const key of path) {
    if (value === null || value === undefined || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** Data as templates see it: objects print their label, and nothing but their own fields can be reached. */
export type Scope = { readonly scope: object };

// `toPrimitive` goes before `toString`, which a record may have as a field of its own.
const printing: object = Object.freeze(
  Object.assign(Object.create(null), {
    [Symbol.toPrimitive](this: unknown) {
      return print(this);
    },
  }),
);

const prepared = new WeakMap<object, unknown>();

/** Prepares a scope once for many templates; a record that several steps read is prepared for all of them. */
export function scopeOf(data: Record<string, unknown>): Scope {
  const scope = Object.create(printing) as Record<string, unknown>;
  for (const [name, value] of Object.entries(data)) scope[name] = printableOnce(value);
  return { scope };
}

function printableOnce(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  const known = prepared.get(value);
  if (known !== undefined) return known;
  const made = printable(value);
  prepared.set(value, made);
  return made;
}

function printable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(printable);
  if (value === null || typeof value !== 'object') return value;
  const copy = Object.create(printing) as Record<string, unknown>;
  for (const [key, one] of Object.entries(value)) {
    if (key !== '__proto__') copy[key] = printable(one);
  }
  return copy;
}

/** The value a template gives, or why it gives none. Never throws. */
export function templateValue(input: {
  text: string;
  scope: Scope;
  options: FormulaOptions;
}): { value: Json } | { problem: Text } {
  try {
    const { templates, lone, path } = compile(input.text);
    if (path) return { value: toJson(valueAt(input.scope.scope, path)) };
    const context = new Context(input.scope.scope, engine.options, { sync: true }, { liquid: engine });
    context.setRegister('options', input.options);
    const value = lone ? toValueSync(lone.value(context)) : engine.renderSync(templates, context);
    return { value: toJson(value) };
  } catch (error) {
    return { problem: mistake(error) };
  }
}

function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object') return null;
  // Liquid's own words (`empty`, `blank`) stand for nothing.
  if (Object.getPrototypeOf(value) !== printing) return null;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one)]));
}

/** A mistake in a template in words (as they follow the name of a field) with its place; null when it parses. */
export function checkTemplate(text: string): Text | null {
  try {
    compile(text);
    return null;
  } catch (error) {
    return mistake(error);
  }
}

function mistake(error: unknown): Text {
  const original = error instanceof Error && 'originalError' in error ? error.originalError : error;
  if (original instanceof FormulaError) return original.text;
  const message = error instanceof Error ? error.message : String(error);
  const place = / ?, line:(\d+), col:(\d+)/.exec(message);
  const words = inWords(message.replace(/,? ?(file:\S+, )?line:\d+, col:\d+[\s\S]*$/, '').trim());
  if (!place || !LiquidError.is(error)) return words;
  return fill(
    { en: '{words} (line {line}, position {position})', ru: '{words} (строка {line}, место {position})' },
    { words, line: place[1] ?? '', position: place[2] ?? '' },
  );
}

/** The engine's message in our words; what is not in the list stays as it is. */
function inWords(message: string): Text {
  const known: [RegExp, { en: string; ru: string }][] = [
    [/^undefined filter: (.*)$/, { en: 'there is no formula "{1}"', ru: 'формулы «{1}» нет' }],
    [/^tag "(.*)" not found$/, { en: 'there is no tag "{1}"', ru: 'тега «{1}» нет' }],
    [/^output "?([\s\S]*?)"? not closed$/, { en: 'the brackets of {1} are not closed', ru: 'не закрыты скобки: {1}' }],
    [/^tag "?([\s\S]*?)"? not closed$/, { en: 'the tag {1} is not closed', ru: 'тег {1} не закрыт' }],
    [/^invalid value expression: ([\s\S]*)$/, { en: 'cannot be read: {1}', ru: 'не удаётся прочитать: {1}' }],
    [/^template render limit exceeded$/, { en: 'the template takes too long', ru: 'шаблон считается слишком долго' }],
    [
      /^memory alloc limit exceeded$/,
      { en: 'the template makes too much text', ru: 'шаблон даёт слишком много текста' },
    ],
    [/^parse length limit exceeded$/, { en: 'the template is too long', ru: 'шаблон слишком длинный' }],
  ];
  for (const [pattern, text] of known) {
    const match = pattern.exec(message);
    if (match) return fill(text, { 1: (match[1] ?? '').slice(0, 100) });
  }
  return fill(
    { en: 'mistake in the formula: {message}', ru: 'ошибка в формуле: {message}' },
    { message: message.slice(0, 300) },
  );
}

/** Every path a template reads, as `trigger.contact.phone`, list positions left out; none when it does not parse. */
export function templatePaths(text: string): string[] {
  try {
    const paths = engine
      .globalVariableSegmentsSync(compile(text).templates)
      .map((segments) => segments.filter((segment) => typeof segment === 'string').join('.'));
    return [...new Set(paths)];
  } catch {
    return [];
  }
}

/** A path or an expression without brackets, as the source of a value table may be, as a template. */
export const asTemplate = (source: string): string => (source.includes('{{') ? source : `{{ ${source} }}`);
