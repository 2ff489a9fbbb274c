import { brotliDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../kit/field.ts';
import type { TraceStep } from './contract.ts';
import { createMask } from './history/mask.ts';
import { packProgress, readProgress } from './progress.ts';
import type { Progress } from './work.ts';

/** As it comes from the database: JSON. */
const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
const text = 'Длинный текст, чтобы было что сжимать. '.repeat(20);

const rowsOf = (values: Record<string, unknown>): NonNullable<TraceStep['values']> =>
  Object.entries(values).map(([key, after]) => ({ key, label: key, after: after as Json }));
const line = (change: Partial<TraceStep>): TraceStep => ({
  kind: 'load',
  step: null,
  at: '2026-11-22T10:00:00.000Z',
  milliseconds: 1,
  verdict: 'passed',
  why: { en: 'Because.', ru: 'Потому что.' },
  ...change,
});

describe('progress', () => {
  const key = fc.constantFrom('name', 'phone', 'note', '__proto__', 'a');
  const values = fc.dictionary(key, fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(text)), { maxKeys: 4 });
  const rows = values.map(rowsOf);
  const step = fc.constantFrom('a1', 'a2');
  const some = fc.record({ loaded: values, mapped: values });

  it('is read as it was packed, whatever of it recurs', () => {
    fc.assert(
      fc.property(
        some,
        fc.array(fc.tuple(fc.constantFrom('load', 'filter', 'mapping', 'action'), step, rows, fc.nat(3))),
        fc.option(fc.tuple(step, fc.boolean()), { nil: null }),
        ({ loaded, mapped }, lines, pending) => {
          // Most lines have the very values that were loaded or mapped, as in a walk; some have others, or none.
          const trace = lines.map(([kind, of, own, which]) => {
            const shown = [rowsOf(kind === 'load' ? loaded : mapped), own, undefined, rowsOf(mapped)][which];
            const about = { kind, step: kind === 'load' ? null : of } as Partial<TraceStep>;
            return line(shown ? { ...about, values: shown } : about);
          });
          const progress = {
            steps: {},
            trace,
            loaded: { values: loaded, causes: [] },
            ...(pending
              ? {
                  pending: {
                    step: pending[0],
                    repeatKey: 'k',
                    since: '2026-11-22T10:00:00.000Z',
                    firstTry: '2026-11-22T10:00:00.000Z',
                    operation: 'create',
                    targetId: null,
                    values: pending[1] ? mapped : loaded,
                    before: null,
                  },
                }
              : {}),
          } as unknown as Progress;
          expect(readProgress(packProgress(progress))).toEqual(json(progress));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps what was loaded, mapped and sent once', () => {
    const sent = { name: 'Анна', note: text };
    const whole = {
      steps: {},
      loaded: { values: sent, causes: [] },
      trace: [
        line({ values: rowsOf(sent) }),
        line({ kind: 'mapping', step: 'a1', values: rowsOf(sent) }),
        line({ kind: 'action', step: 'a1', values: rowsOf(sent) }),
      ],
    };
    const stored = packProgress(whole);
    const kept = (stored[0] === 1 ? brotliDecompressSync(stored.subarray(1)) : stored).toString();
    // Once as loaded and once as mapped: the mapping could be another.
    expect(kept.split(text)).toHaveLength(3);
  });

  it('is masked wherever a value stands', () => {
    const sent = { name: 'secret-1234', note: text };
    const whole: Progress = {
      steps: {},
      trace: [
        line({ kind: 'mapping', step: 'a1', values: rowsOf(sent) }),
        line({ kind: 'action', step: 'a1', values: rowsOf(sent) }),
      ],
    };
    const by = createMask(['secret-1234']);
    const read = readProgress(packProgress(whole, { by, hasEnded: true }));
    expect(read.trace.map((one) => one.values?.[0]?.after)).toEqual(['•••', '•••']);
  });

  it.each([
    ['Анна', false, 'Анна'],
    ['Анна', true, 'Анна'],
    ['a secret of length', false, 'a secret of length'],
    ['a secret of length', true, '•••'],
  ])('goes on with %j (ended: %j) as %j, and shows dots', (secret, hasEnded, data) => {
    const sent = { name: secret, note: text };
    const whole: Progress = {
      steps: { a0: { what: 'done', output: sent, id: null, label: null, url: null } },
      loaded: { values: sent, causes: [] },
      trace: [line({ values: rowsOf(sent) }), line({ kind: 'mapping', step: 'a1', values: rowsOf(sent) })],
    };
    const read = readProgress(packProgress(whole, { by: createMask([secret]), hasEnded }));
    expect(read.trace.map((one) => one.values?.[0]?.after)).toEqual(['•••', '•••']);
    expect([read.loaded?.values.name, read.steps.a0?.output.name]).toEqual([data, data]);
    expect(read.loaded?.values.note).toBe(text);
  });
});
