import { readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from './hash.mjs';

const root = resolve(import.meta.dirname, '..');
/** Imports that are there when the program runs: those of types alone are not. */
const imported = /^(?:import|export)\s(?!type\s)[^;]*?from '(\.[^']+)'/gm;

test('the hash covers every file of ours that the bundle is made of', () => {
  const hashed = new Set(sourceFiles());
  const seen = new Set([...hashed].filter((file) => /^web\/.*\.tsx?$/.test(file)));
  expect(seen.size).toBeGreaterThan(100);
  // A set grows while it is walked.
  for (const file of seen)
    for (const [, path = ''] of readFileSync(join(root, file), 'utf8').matchAll(imported))
      if (/\.tsx?$/.test(path)) seen.add(normalize(join(dirname(file), path)));
  expect([...seen].some((file) => file.startsWith('server/flows/contract/'))).toBe(true);
  expect([...seen].filter((file) => !hashed.has(file))).toEqual([]);
});
