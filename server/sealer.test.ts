import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSealer, loadKey } from './sealer.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mostik-key-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('what was sealed opens again, and the bytes do not show it', () => {
  const sealer = createSealer(randomBytes(32));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 8 }), (plain) => {
      const text = plain.toWellFormed();
      const sealed = sealer.seal(text);
      expect(sealer.open(sealed)).toBe(text);
      expect(sealed.includes(Buffer.from(text))).toBe(false);
      expect(sealer.seal(text).equals(sealed)).toBe(false);
    }),
  );
});

test('another key is told in words, with what to do', () => {
  const sealed = createSealer(randomBytes(32)).seal('token');
  expect(() => createSealer(randomBytes(32)).open(sealed)).toThrow(/another key.*MOSTIK_SECRET_KEY/);
});

test('a changed byte anywhere is found', () => {
  const sealer = createSealer(randomBytes(32));
  const sealed = sealer.seal('token of the portal');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => sealer.open(changed)).toThrow();
  }
  expect(() => sealer.open(sealed.subarray(0, 10))).toThrow();
  expect(() => sealer.open(Buffer.alloc(0))).toThrow();
});

test('the key file is made once, for us alone, also when many start at once', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => loadKey({ secretKey: null, dataDir })));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(await readdir(dataDir)).toEqual(['secret.key']);
  expect((await stat(join(dataDir, 'secret.key'))).mode & 0o777).toBe(0o600);
  expect(await loadKey({ secretKey: null, dataDir })).toEqual(keys[0]);
});

test('a key from the settings goes before the file', async () => {
  const secretKey = randomBytes(32);
  expect(await loadKey({ secretKey, dataDir })).toBe(secretKey);
  expect(await readdir(dataDir)).toEqual([]);
});

test('a damaged key file is refused, never replaced', async () => {
  await writeFile(join(dataDir, 'secret.key'), 'half a k');
  await expect(loadKey({ secretKey: null, dataDir })).rejects.toThrow('damaged');
});
