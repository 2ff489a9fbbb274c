import { ConnectorError } from './errors.ts';
import type { HttpResponse } from './http.ts';
import { decodeBody } from './http-record.ts';
import type { RawResponse } from './http-transport.ts';
import { parseJson, TooDeep } from './json.ts';
import { fill } from './text.ts';

/** An answer as connectors read it. */
export function answer(response: RawResponse, url: URL): HttpResponse {
  const text = decodeBody(response.body, response.headers['content-type']) ?? response.body.toString('utf8');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json() {
      try {
        return parseJson(text);
      } catch (cause) {
        throw (cause instanceof TooDeep ? tooDeep : notJson)({ host: url.host, status: response.status, cause });
      }
    },
  };
}

const notJson = (details: { host: string; status: number; cause: unknown }): ConnectorError =>
  new ConnectorError({
    kind: 'temporary',
    code: 'http.not_json',
    text: fill(
      {
        en: '{host} answered {status} with something else than JSON. Check that the address leads to its API; we will try again.',
        ru: '{host} ответил {status}, но не в формате JSON. Проверьте, что адрес ведёт к его API; мы попробуем ещё раз.',
      },
      { host: details.host, status: details.status },
    ),
    outcome: 'unknown',
    cause: details.cause,
  });

const tooDeep = (details: { host: string; cause: unknown }): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'http.too_deep',
    text: fill(
      {
        en: 'The answer of {host} is nested too deeply to be data. Check that the address leads to its API.',
        ru: 'В ответе {host} слишком большая вложенность, это не похоже на данные. Проверьте, что адрес ведёт к его API.',
      },
      { host: details.host },
    ),
    outcome: 'unknown',
    cause: details.cause,
  });
