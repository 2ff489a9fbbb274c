/** A Liquid template as the token field shows it: text, chips for fields, and code it leaves alone. */
export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'field'; path: string[]; filters: string }
  | { kind: 'code'; code: string };

const markup = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
/** `trigger.contact.phone`, `trigger["Имя поля"]`, `trigger.items[0].name`. */
const variable = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[(?:"[^"]*"|'[^']*'|\d+)\])*/;
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
    if (segment.kind === 'field') return [segment.path];
    if (segment.kind === 'code') return namesInCode(segment.code);
    return [];
  });
}

function namesInCode(code: string): string[][] {
  const names = code.replace(/"[^"]*"|'[^']*'/g, '').match(/\b(?:trigger|a\d+)(?:\.[A-Za-z_][\w-]*)+/g);
  return (names ?? []).map(parsePath);
}

/**
 * The token field works on text, chip, text, chip, text: there is always a place to type before, between and after.
 */
export function withTextAround(segments: Segment[]): Segment[] {
  const result: Segment[] = [];
  for (const segment of segments) {
    const last = result.at(-1);
    if (segment.kind === 'text') {
      if (last?.kind === 'text') last.text += segment.text;
      else result.push({ ...segment });
    } else {
      if (last?.kind !== 'text') result.push({ kind: 'text', text: '' });
      result.push(segment);
    }
  }
  if (result.at(-1)?.kind !== 'text') result.push({ kind: 'text', text: '' });
  return result;
}
