import type { ExchangeView } from '../../server/flows/contract.ts';

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Headers that curl writes itself. */
const own = new Set(['content-length', 'host', 'connection', 'accept-encoding', 'transfer-encoding']);

/** A call to be repeated in a terminal; secrets are masked in the history already, so they must be filled in. */
export function asCurl(exchange: ExchangeView): string {
  const headers = Object.entries(exchange.requestHeaders).filter(([name]) => !own.has(name.toLowerCase()));
  return [
    `curl -X ${exchange.method} ${quote(exchange.url)}`,
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(exchange.requestBody === null ? [] : [`--data-raw ${quote(exchange.requestBody)}`]),
  ].join(' \\\n  ');
}

/** JSON with line breaks; anything else as it is. */
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
