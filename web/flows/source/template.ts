/** A Liquid template as the token field shows it: text, chips for fields, and code it leaves alone. */
export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'field'; path: string[]; filters: string }
  | { kind: 'break' }
  | { kind: 'code'; code: string };

const markup = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
/** `trigger.contact.phone`, `trigger["Имя поля"]`, `trigger.items[0].name`. */
export const variable = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[(?:"[^"]*"|'[^']*'|\d+)\])*/;
const part = /([A-Za-z_][\w-]*)|\[(?:"([^"]*)"|'([^']*)'|(\d+))\]/g;

/** Splits a template into what a person sees. */
export function parseTemplate(template: string): Segment[] {
  const segments: Segment[] = [];
  let end = 0;
  for (const match of template.matchAll(markup)) {
    if (match.index > end) segments.push({ kind: 'text', text: template.slice(end, match.index) });
    segments.push(parseMarkup(match[0]));
    end = match.index + match[0].length;
  }
  if (end < template.length) segments.push({ kind: 'text', text: template.slice(end) });
  return segments;
}

function parseMarkup(code: string): Segment {
  if (code.startsWith('{%')) return { kind: 'code', code };
  const inside = code.slice(2, -2).trim();
  const name = variable.exec(inside)?.[0];
  if (!name) return { kind: 'code', code };
  const rest = inside.slice(name.length).trim();
  if (rest && !rest.startsWith('|')) return { kind: 'code', code };
  return { kind: 'field', path: parsePath(name), filters: rest.replace(/^\|\s*/, '') };
}

/** The keys of a Liquid variable. */
export function parsePath(name: string): string[] {
  return [...name.matchAll(part)].map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
}

/** The Liquid variable of these keys. */
export function printPath(path: string[]): string {
  return path
    .map((key, index) => {
      if (/^\d+$/.test(key)) return `[${key}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(key)) return `["${key.replaceAll('"', '')}"]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

export function printSegment(segment: Segment): string {
  switch (segment.kind) {
    case 'text':
      return segment.text;
    case 'break':
      return '\n';
    case 'code':
      return segment.code;
    case 'field':
      return `{{ ${printPath(segment.path)}${segment.filters ? ` | ${segment.filters}` : ''} }}`;
  }
}

export const printTemplate = (segments: Segment[]): string => segments.map(printSegment).join('');

/** Every field path a template names. */
export function pathsIn(template: string): string[][] {
  return parseTemplate(template).flatMap((segment) => {
    if (segment.kind === 'field') return [segment.path, ...namesInCode(segment.filters)];
    if (segment.kind === 'code') return namesInCode(segment.code);
    return [];
  });
}

function namesInCode(code: string): string[][] {
  const names = code.replace(/"[^"]*"|'[^']*'/g, '').match(/\b[a-z]\w*(?:\.[A-Za-z_][\w-]*)+/g);
  return (names ?? []).map(parsePath);
}

/**
 * The token field works on text, chip, text, chip, text: there is always a place to type before, between and after.
 * A line break is a chip of its own.
 */
export function withTextAround(segments: Segment[]): Segment[] {
  const result: Segment[] = [{ kind: 'text', text: '' }];
  const type = (text: string) => {
    const last = result.at(-1);
    if (last?.kind === 'text') last.text += text;
  };
  for (const segment of segments) {
    if (segment.kind !== 'text') {
      result.push(segment, { kind: 'text', text: '' });
      continue;
    }
    const [first = '', ...lines] = segment.text.split('\n');
    type(first);
    for (const line of lines) result.push({ kind: 'break' }, { kind: 'text', text: line });
  }
  return result;
}

/** What a condition in code says: `{% if trigger.contact %}`. */
export type Condition = { word: 'if' | 'unless' | 'elsif'; path: string[] } | { word: 'else' } | { word: 'end' };

/** Understands the plain conditions; anything else stays code. */
export function conditionOf(code: string): Condition | null {
  const inside = /^\{%-?\s*(.*?)\s*-?%\}$/s.exec(code)?.[1] ?? '';
  if (inside === 'else') return { word: 'else' };
  if (inside === 'endif' || inside === 'endunless') return { word: 'end' };
  const [, word, rest = ''] = /^(if|unless|elsif)\s+(.*)$/s.exec(inside) ?? [];
  if (!word || variable.exec(rest)?.[0] !== rest) return null;
  return { word: word as 'if' | 'unless' | 'elsif', path: parsePath(rest) };
}
