import { expect, test } from 'vitest';
import { z } from 'zod';
import { asConnectorError, ConnectorError } from './errors.ts';

test('an error that nobody foresaw is told in words for people, and keeps its own as the cause', () => {
  const foreign = [z.number().safeParse('x').error, new Error('interval out of range'), 'a thrown text'];
  for (const cause of foreign) {
    const error = asConnectorError(cause);
    expect(error).toMatchObject({ kind: 'temporary', code: 'unforeseen', outcome: 'unknown', cause });
    expect(JSON.stringify(error.text)).not.toMatch(/expected|interval|thrown/);
  }
  const ours = new ConnectorError({ kind: 'gone', code: 'x', text: 'y' });
  expect(asConnectorError(ours)).toBe(ours);
});
