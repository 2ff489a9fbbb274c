import { ConnectorError } from './errors.ts';
import type { HttpRequest } from './http.ts';
import { fill } from './text.ts';

/** A request as it goes over the wire. */
export interface Prepared {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
}

/** Checks a request and puts it into the form of the wire. */
export function prepare(request: HttpRequest): Prepared {
  const url = URL.canParse(request.url) ? new URL(request.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw badUrl(request.url);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.append(name, String(value));
  }
  const headers: Record<string, string> = {
    'user-agent': 'Mostik',
    // A body that is read piece by piece comes as it is.
    'accept-encoding': request.sink ? 'identity' : 'gzip, br',
  };
  let body: string | Uint8Array | null = request.body ?? null;
  if (request.json !== undefined) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(request.json);
  } else if (request.form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    body = new URLSearchParams(request.form).toString();
  }
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    checkHeader(name, value);
    headers[name.toLowerCase()] = value;
  }
  return { method: request.method, url, headers, body };
}

/** Other characters would end the header, or cannot travel in one (RFC 9110, 5.5). */
function checkHeader(name: string, value: string): void {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return;
  throw new ConnectorError({
    kind: 'rejected',
    code: 'http.bad_header',
    text: fill(
      {
        en: 'The header “{name}” holds a line break or characters that a header cannot carry. Change its value.',
        ru: 'Заголовок «{name}» содержит перевод строки или символы, недопустимые в заголовках. Измените его значение.',
      },
      { name: JSON.stringify(name).slice(1, -1) },
    ),
  });
}

const badUrl = (url: string): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'http.bad_url',
    text: fill(
      {
        en: '“{url}” is not an address: it should begin with https:// or http://.',
        ru: '«{url}» — не адрес: он должен начинаться с https:// или http://.',
      },
      { url: url.slice(0, 200) },
    ),
  });
