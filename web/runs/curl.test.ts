import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { asCurl, pretty } from './curl.ts';

describe('a call as curl', () => {
  test('the shell reads back what was sent', () => {
    const body = `{"text":"it's $HOME \\"quoted\\" \`x\`"}`;
    const command = asCurl({
      at: '',
      milliseconds: 1,
      method: 'POST',
      url: 'https://api.hubex.ru/fsm/WORK/Tasks?a=1&b=2',
      requestHeaders: { authorization: 'Bearer ••••', 'content-length': '12' },
      requestBody: body,
      status: 200,
      responseHeaders: {},
      responseBody: null,
    });
    const words = execFileSync('sh', ['-c', command.replace(/^curl/, `printf '%s\\n'`)], { encoding: 'utf8' });
    expect(words.trim().split('\n')).toEqual([
      '-X',
      'POST',
      'https://api.hubex.ru/fsm/WORK/Tasks?a=1&b=2',
      '-H',
      'authorization: Bearer ••••',
      '--data-raw',
      body,
    ]);
  });

  test('only JSON is laid out', () => {
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(pretty('a=1&b=2')).toBe('a=1&b=2');
  });
});
