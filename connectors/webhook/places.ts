import { ConnectorError } from '../../kit/errors.ts';
import { fill } from '../../kit/text.ts';

type Parts = Record<string, string | number | boolean | null>;

const place = /\{([^{}\s]+)\}/g;

/** The names of the places in an address, as `phone` in `/clients?phone={phone}`. */
export const placesOf = (url: string): string[] => [...url.matchAll(place)].map(([, name = '']) => name);

/** Puts values into the `{name}` places of an address, encoded, so that no value changes the rest of it. */
export function fillPlaces(url: string, parts: Parts): string {
  return url.replace(place, (_whole, name: string) => {
    const value = parts[name];
    if (value === undefined || value === null || value === '') throw emptyPlace(url, name);
    const text = String(value);
    // A segment of dots would climb out of its folder, and cannot be encoded (the URL standard reads %2E as a dot).
    if (/^\.{1,2}$/.test(text)) throw emptyPlace(url, name);
    return encodeURIComponent(text);
  });
}

/** Leaves out the parameters whose place has no value: a search by e-mail must not ask for an empty phone as well. */
export function withoutEmptyParameters(url: string, known: (name: string) => boolean): string {
  const [path = '', query] = url.split('?', 2);
  if (query === undefined) return url;
  const kept = query.split('&').filter((parameter) => placesOf(parameter).every(known));
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`;
}

const emptyPlace = (url: string, name: string): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'webhook.empty_place',
    field: name,
    text: fill(
      {
        en: 'The address “{url}” has a place for “{name}”, but there is no value for it. Map it, or take the place out.',
        ru: 'В адресе «{url}» есть место для «{name}», но значения для него нет. Сопоставьте его или уберите место.',
      },
      { url: url.slice(0, 200), name },
    ),
  });
