import { isUtf8 } from 'node:buffer';
import type { Exchange } from './call.ts';

const mask = '•••';
const bodyCap = 64 * 1024;
/** A shorter string is no secret, and masking it would blank the whole history. */
const shortestSecret = 4;

const maskedHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'bpmcsrf']);

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
const anyCase = (hex: string): string =>
  hex.replace(/[a-f]/gi, (digit) => `[${digit.toLowerCase()}${digit.toUpperCase()}]`);

const shortEscapes: Record<string, string> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };
const entities: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/**
 * One character in every spelling it may have in a request or its answer: as it is, percent-encoded once or several
 * times (an address inside an address), `+` for a space in forms, `\uXXXX` and `\/` in JSON (PHP writes both), and
 * an XML entity. Each character has its own choice, since encoders differ in which ones they touch.
 */
function spellings(character: string): string {
  const percent = [...Buffer.from(character)].map(
    (byte) => `%(?:25){0,3}${anyCase(byte.toString(16).padStart(2, '0'))}`,
  );
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const unicode = units.map((unit) => `\\\\{1,4}u${anyCase(unit.toString(16).padStart(4, '0'))}`);
  const code = character.codePointAt(0) ?? 0;
  // The longer spellings come first: `%25` is a whole percent sign, not one and two digits behind it.
  const forms = [percent.join(''), unicode.join(''), `&#(?:${code}|[xX]0{0,4}${anyCase(code.toString(16))});`];
  if (entities[character]) forms.push(`&${entities[character]};`);
  if (character === ' ') forms.push('\\+');
  if (shortEscapes[character]) forms.push(`\\\\{1,4}${shortEscapes[character]}`);
  forms.push(/[\p{L}\p{N}]/u.test(character) ? character : `\\\\{0,4}${escapeRegExp(character)}`);
  return `(?:${forms.join('|')})`;
}

/**
 * Backslashes double with each JSON around them. A row of them is one bounded loop: several loops in a row would try
 * every way to share them out, and one without a bound takes quadratic time over a hostile answer.
 */
const backslashes = (count: number): string => `(?:%(?:25){0,3}5[cC]|\\\\u005[cC]|\\\\){${count},${count * 8}}`;

const spelledSecret = (secret: string): string =>
  (secret.match(/\\+|[^\\]/gu) ?? [])
    .map((token) => (token.startsWith('\\') ? backslashes(token.length) : spellings(token)))
    .join('');

/** The longest spelling of a character: four bytes, each `%252525xx`. */
const longestSpelling = 36;

/**
 * An address that is itself a secret (Bitrix24's webhook address) gives its secret parts: the host stays readable.
 * Without a part long enough to be a key the whole is masked.
 */
export function secretParts(secret: string): string[] {
  if (!/^https?:\/\//i.test(secret) || !URL.canParse(secret)) return [secret];
  const url = new URL(secret);
  const parts = [...url.pathname.split('/'), ...url.searchParams.values(), url.password]
    .map((part) => safeDecode(part))
    .filter((part) => part.length >= 10);
  return parts.length > 0 ? parts : [secret];
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export interface Redactor {
  /** Masks secrets in the first `cap` characters and leaves the rest out. */
  text(text: string, cap?: number): string;
  headers(headers: Record<string, string>): Record<string, string>;
  url(url: string): string;
}

/** Masks the given secrets wherever they occur, in whatever spelling. */
export function createRedactor(secrets: string[]): Redactor {
  const parts = [...new Set(secrets.flatMap(secretParts))]
    .filter((part) => part.length >= shortestSecret)
    .sort((a, b) => b.length - a.length);
  const pattern = parts.length === 0 ? null : new RegExp(parts.map(spelledSecret).join('|'), 'g');
  const reach = (parts[0]?.length ?? 0) * longestSpelling;

  const text = (input: string, cap = Number.POSITIVE_INFINITY): string => {
    if (pattern === null) return input.slice(0, cap);
    // A secret that begins before the cap is looked at to its end, so that no half of one is left.
    const window = input.slice(0, cap + reach);
    let output = '';
    let from = 0;
    for (const match of window.matchAll(pattern)) {
      if (match.index >= cap) break;
      output += window.slice(from, match.index) + mask;
      from = match.index + match[0].length;
    }
    return output + window.slice(from, Math.max(from, cap));
  };

  const headers = (input: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(input).map(([name, value]) => [
        text(name),
        maskedHeaders.has(name.toLowerCase()) || secrets.includes(value) ? mask : text(value),
      ]),
    );

  const url = (input: string): string => text(input.replace(/^(\w+:\/\/)[^/?#]*@/, `$1${mask}@`));
  return { text, headers, url };
}

/** What may be kept of a body. */
function keptBody(
  body: Buffer | null,
  decoded: string | null,
  redactor: Redactor,
): { body: string | null; cut?: number } {
  if (body === null) return { body: null };
  if (decoded === null) return { body: `[binary, ${body.length} bytes]` };
  if (body.length <= bodyCap) return { body: redactor.text(decoded) };
  // Cyrillic takes two bytes a character: the cap is in bytes, the cut on a character.
  const head = Buffer.from(decoded.slice(0, bodyCap))
    .subarray(0, bodyCap)
    .toString()
    .replace(/\uFFFD$/, '');
  const cut = body.length - Buffer.byteLength(head);
  return cut > 0 ? { body: redactor.text(decoded, head.length), cut } : { body: redactor.text(decoded, head.length) };
}

/** The text of a body by its declared character set (UTF-8 when none is), or null when it is no text. */
export function decodeBody(body: Buffer, contentType: string | undefined): string | null {
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    try {
      return new TextDecoder(charset).decode(body);
    } catch {
      // An unknown name: read it as if none had been given.
    }
  }
  return body.includes(0) || !isUtf8(body) ? null : body.toString('utf8');
}

export interface ExchangeParts {
  at: Date;
  milliseconds: number;
  method: string;
  url: string;
  requestHeaders: Record<string, string>;
  requestBody: string | Uint8Array | null;
  response: { status: number; headers: Record<string, string>; body: Buffer } | null;
  error?: string;
  hideBodies: boolean;
  /** Keys of a JSON answer whose texts are masked wherever they stand. */
  answerSecrets: string[];
}

/** Over the text and not the value, since a body that is kept may be cut anywhere. Most answers have no such key. */
function withoutAnswerSecrets(body: string, keys: string[]): string {
  const there = keys.filter((key) => body.includes(`"${key}"`));
  if (there.length === 0) return body;
  const pattern = new RegExp(
    `("(?:${there.map(escapeRegExp).join('|')})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*(?:"|\\\\?$)`,
    'g',
  );
  return body.replace(pattern, `$1"${mask}"`);
}

/** The exchange as the history keeps it: secrets masked, bodies capped. */
export function recordExchange(parts: ExchangeParts, redactor: Redactor): Exchange {
  const { response } = parts;
  const sent = parts.requestBody === null ? null : Buffer.from(parts.requestBody);
  const came = response === null || response.body.length === 0 ? null : response.body;
  const keep = (body: Buffer | null, headers: Record<string, string>) =>
    parts.hideBodies && body !== null
      ? { body: mask }
      : keptBody(body, body && decodeBody(body, headers['content-type']), redactor);
  const request = keep(sent, parts.requestHeaders);
  const answer = keep(came, response?.headers ?? {});
  return {
    at: parts.at.toISOString(),
    milliseconds: parts.milliseconds,
    method: parts.method,
    url: redactor.url(parts.url),
    requestHeaders: redactor.headers(parts.requestHeaders),
    requestBody: request.body,
    status: response?.status ?? null,
    responseHeaders: redactor.headers(response?.headers ?? {}),
    responseBody: answer.body && withoutAnswerSecrets(answer.body, parts.answerSecrets),
    ...(parts.error === undefined ? {} : { error: redactor.text(parts.error) }),
    ...('cut' in request && request.cut ? { requestBytesCut: request.cut } : {}),
    ...('cut' in answer && answer.cut ? { responseBytesCut: answer.cut } : {}),
  };
}
