import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor, decodeBody, recordExchange, secretParts } from './http-record.ts';

const encodings: Record<string, (secret: string) => string> = {
  plain: (secret) => secret,
  'in an address': encodeURIComponent,
  'in lower-case percent codes': (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  'in an address inside an address': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'in a path as the URL standard leaves it': (secret) => new URL(`http://h/?q=${encodeURI(secret)}`).search.slice(3),
  'in a form': (secret) => new URLSearchParams({ q: secret }).toString().slice(2),
  'in JSON': (secret) => JSON.stringify(secret).slice(1, -1),
  'in JSON inside JSON': (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  'in JSON as PHP writes it': (secret) =>
    JSON.stringify(secret)
      .slice(1, -1)
      .replaceAll('/', '\\/')
      .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'in XML': (secret) => secret.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
};

const secret = fc
  .string({ minLength: 6, maxLength: 60, unit: fc.constantFrom(...'abXY019-_.~!*()\'"/\\&<>=+%?# {}[]$^|жЯё€😀\n\t') })
  .filter((text) => text.trim().length >= 6 && !/^[•.]+$/.test(text));

describe('a secret never shows, however it is spelled', () => {
  test.each(Object.keys(encodings))('%s', (name) => {
    const encode = encodings[name] ?? String;
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (key, before, after) => {
        // encodeURI leaves # and ? alone, and an address ends its query there: not a spelling of the whole.
        if (name.includes('URL standard') && /[#%]/.test(key)) return;
        const spelled = encode(key);
        const shown = createRedactor([key]).text(`${before} ${spelled} ${after}`);
        expect(shown).toContain('•••');
        if (!before.includes(spelled) && !after.includes(spelled)) expect(shown).not.toContain(spelled);
      }),
      { numRuns: 200 },
    );
  });

  test('in mixed spellings of its characters', () => {
    fc.assert(
      fc.property(secret, fc.infiniteStream(fc.boolean()), (key, coins) => {
        const spelled = [...key]
          .map((character) => (coins.next().value ? encodeURIComponent(character) : character))
          .join('');
        expect(createRedactor([key]).text(spelled)).toBe('•••');
      }),
    );
  });

  test('in every part of an exchange', () => {
    fc.assert(
      fc.property(secret, (key) => {
        const seen = recordExchange(
          {
            at: new Date(0),
            milliseconds: 1,
            method: 'POST',
            url: `https://user:${encodeURIComponent(key)}@host/p/${encodeURIComponent(key)}?k=${encodeURIComponent(key)}`,
            requestHeaders: { 'x-token': encodeURIComponent(key), authorization: 'Bearer other' },
            requestBody: JSON.stringify({ key }),
            response: {
              status: 200,
              headers: { location: `/x?t=${encodeURIComponent(key)}`, 'set-cookie': 'session=1' },
              body: Buffer.from(JSON.stringify({ echo: { [key]: key } })),
            },
            error: `failed with ${key}`,
            hideBodies: false,
            answerSecrets: [],
          },
          createRedactor([key]),
        );
        const kept = JSON.stringify(seen);
        for (const encode of [
          encodings.plain,
          encodings['in an address'],
          encodings['in JSON'],
          encodings['in JSON inside JSON'],
        ]) {
          expect(kept).not.toContain(encode?.(key));
        }
        expect(seen.requestHeaders.authorization).toBe('•••');
        expect(seen.responseHeaders['set-cookie']).toBe('•••');
        expect(seen.url).toBe('https://•••@host/p/•••?k=•••');
      }),
    );
  });
});

describe('what is kept of a body', () => {
  const keep = (body: string | Uint8Array, more: { secrets?: string[]; hideBodies?: boolean; type?: string } = {}) =>
    recordExchange(
      {
        at: new Date(0),
        milliseconds: 1,
        method: 'POST',
        url: 'https://host/',
        requestHeaders: { 'content-type': more.type ?? 'text/plain' },
        requestBody: body,
        response: null,
        hideBodies: more.hideBodies ?? false,
        answerSecrets: [],
      },
      createRedactor(more.secrets ?? []),
    );

  test('at most 64 KB, on a character, with the number of bytes cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 65_500, max: 65_560 }), fc.constantFrom('ж', '€', '😀', 'a'), (fill, last) => {
        const body = 'x'.repeat(fill) + last.repeat(40);
        const seen = keep(body);
        const kept = Buffer.byteLength(seen.requestBody ?? '');
        expect(kept).toBeLessThanOrEqual(65_536);
        expect(kept + (seen.requestBytesCut ?? 0)).toBe(Buffer.byteLength(body));
        expect(body.startsWith(seen.requestBody ?? '-')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('no half of a secret at the cut', () => {
    const key = 'Secret-Key-0123456789';
    for (let offset = 0; offset <= key.length; offset++) {
      const seen = keep('x'.repeat(65_536 - offset) + key + 'y'.repeat(1000), { secrets: [key] });
      expect(seen.requestBody).not.toMatch(/Sec|789/);
    }
  });

  test('binary bodies only by their size, hidden ones not at all', () => {
    expect(keep(Buffer.from([0xff, 0xd8, 0, 1])).requestBody).toBe('[binary, 4 bytes]');
    expect(keep('client_secret=abc', { hideBodies: true }).requestBody).toBe('•••');
  });

  test('words in another character set, and a wrong name of one', () => {
    const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]);
    expect(decodeBody(cyrillic, 'text/html; charset=windows-1251')).toBe('Привет');
    expect(decodeBody(Buffer.from('да'), 'text/plain; charset="nonsense"')).toBe('да');
    expect(decodeBody(cyrillic, undefined)).toBeNull();
  });
});

test('texts under the keys that a connector names are masked in the answer, also where it was cut', () => {
  const address = 'https:\\/\\/a\\"b\\/file?auth=k7q2';
  const parts = { at: new Date(0), milliseconds: 1, method: 'GET', url: 'https://host/', requestHeaders: {} };
  const answer = (text: string) =>
    recordExchange(
      {
        ...parts,
        requestBody: null,
        response: { status: 200, headers: {}, body: Buffer.from(text) },
        hideBodies: false,
        answerSecrets: ['urlMachine'],
      },
      createRedactor([]),
    ).responseBody ?? '';
  expect(answer(`{"f":[{"id":1,"urlMachine": "${address}","n":"x"},{"urlMachine":"${address}"}]}`)).toBe(
    '{"f":[{"id":1,"urlMachine": "•••","n":"x"},{"urlMachine":"•••"}]}',
  );
  const before = '{"urlMachine":"';
  const long = 'x'.repeat(65_536 - 4 - before.length) + before;
  for (const text of [address, '\\'.repeat(20)])
    expect(answer(long + text + 'y'.repeat(100))).toMatch(/x\{"urlMachine":"•••"$/);
});

test('an address that is a secret keeps its host readable', () => {
  const address = 'https://romashka.bitrix24.ru/rest/1/7xq2n9f4k1m8z0ab/';
  expect(secretParts(address)).toEqual(['7xq2n9f4k1m8z0ab']);
  const { url } = createRedactor([address]);
  expect(url(`${address}crm.deal.get?id=5`)).toBe('https://romashka.bitrix24.ru/rest/1/•••/crm.deal.get?id=5');
  expect(secretParts('https://host/short')).toEqual(['https://host/short']);
});

test('a secret too short to be one does not blank the history', () => {
  const redactor = createRedactor(['1', '']);
  expect(redactor.text('id=1')).toBe('id=1');
  expect(redactor.headers({ 'x-pin': '1' })).toEqual({ 'x-pin': '•••' });
});

test('a row of backslashes in a secret does not hold up the record of a hostile answer', () => {
  const key = `${'\\'.repeat(12)}k1${'\\'.repeat(12)}k2`;
  const started = performance.now();
  createRedactor([key]).text('\\'.repeat(60_000));
  createRedactor(['aaaa%25%25%25aaaa']).text('aaaa%252525252525'.repeat(4000));
  expect(performance.now() - started).toBeLessThan(3000);
});
