import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { Values } from '../../kit/field.ts';
import type { TraceStep } from './contract.ts';
import type { Mask } from './history/mask.ts';
import type { Progress } from './work.ts';

/** A run that has done nothing yet. */
const untouched = (): Progress => ({ steps: {}, trace: [] });

/** Below this a compressed text is hardly smaller. */
const compressedFrom = 512;
const openingBrace = '{'.charCodeAt(0);
const packedMark = Buffer.from([1]);
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A run's progress as the database keeps it: its JSON, or 0x01 and the JSON in Brotli. Packing at quality 0 takes as long
 * as encoding the text as UTF-8; carrying the text to PostgreSQL, which compresses it again, took six times as long.
 * `mask` hides secrets: in what is only read, and in what the run goes on with once it has ended.
 */
export function packProgress(progress: Progress, mask?: { by: Mask; hasEnded: boolean }): Buffer {
  const plainly = JSON.stringify(fold(progress));
  const json = mask?.by.isIn(plainly) ? JSON.stringify(fold(masked(progress, mask))) : plainly;
  // A character is three bytes at most. Buffer.from goes over the text twice, and its memory is freed and asked for anew.
  const plain = json.length * 3 <= scratch.length ? scratch.subarray(0, scratch.write(json)) : Buffer.from(json);
  if (plain.length < compressedFrom) return Buffer.from(plain);
  const packed = brotliCompressSync(plain, {
    // One chunk for most: the default, 16 KB for each call, fed the garbage collector more than all else.
    chunkSize: Math.max(1024, plain.length >> 2),
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 0,
      [constants.BROTLI_PARAM_LGWIN]: 18,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  });
  return Buffer.concat([packedMark, packed]);
}

function masked({ trace, ...rest }: Progress, { by, hasEnded }: { by: Mask; hasEnded: boolean }): Progress {
  return { ...(hasEnded ? by.data.value(rest) : rest), trace: by.value(trace) };
}

/** The other way. A run that has not begun has none. */
export function readProgress(stored: Buffer | null): Progress {
  if (stored === null || stored.length === 0) return untouched();
  const plain = stored[0] === openingBrace ? stored : brotliDecompressSync(stored.subarray(1));
  return unfold(JSON.parse(plain.toString()) as Folded);
}

type Rows = NonNullable<TraceStep['values']>;

/**
 * Progress whose repetitions are left out, as most of what it costs to keep a run is its text: values that stand in the
 * trace already, as loaded or as mapped, are null.
 */
interface Folded extends Omit<Progress, 'loaded' | 'pending' | 'trace'> {
  loaded?: Omit<NonNullable<Progress['loaded']>, 'values'> & { values: Values | null };
  pending?: Omit<NonNullable<Progress['pending']>, 'values'> & { values: Values | null };
  trace: (Omit<TraceStep, 'values'> & { values?: Rows | null })[];
}

/** Rows that an earlier line of the trace has. */
const rowsOf = (trace: Folded['trace'], kind: 'load' | 'mapping', step: string | null): Rows | undefined =>
  trace.findLast((line) => line.kind === kind && line.step === step)?.values ?? undefined;

function fold(progress: Progress): Folded {
  const { loaded, pending, trace } = progress;
  return {
    ...progress,
    ...(loaded && isIn(rowsOf(trace, 'load', null), loaded.values) ? { loaded: { ...loaded, values: null } } : {}),
    ...(pending && isIn(rowsOf(trace, 'mapping', pending.step), pending.values)
      ? { pending: { ...pending, values: null } }
      : {}),
    trace: trace.map((line, index) =>
      line.kind === 'action' && isSame(rowsOf(trace.slice(0, index), 'mapping', line.step), line.values)
        ? { ...line, values: null }
        : line,
    ),
  };
}

function unfold({ loaded, pending, trace: lines, ...rest }: Folded): Progress {
  const trace = lines.map((line, index) => ({
    ...line,
    ...(line.values === null ? { values: rowsOf(lines.slice(0, index), 'mapping', line.step) ?? [] } : {}),
  })) as TraceStep[];
  return {
    ...rest,
    ...(loaded ? { loaded: { ...loaded, values: loaded.values ?? fromRows(rowsOf(trace, 'load', null)) } } : {}),
    ...(pending
      ? { pending: { ...pending, values: pending.values ?? fromRows(rowsOf(trace, 'mapping', pending.step)) } }
      : {}),
    trace,
  };
}

const isIn = (rows: Rows | undefined, values: Values): boolean =>
  rows !== undefined &&
  rows.length === Object.keys(values).length &&
  rows.every(({ key, after }) => after !== undefined && values[key] === after);

const isSame = (rows: Rows | undefined, others: Rows | undefined): boolean =>
  rows !== undefined &&
  rows.length === others?.length &&
  rows.every(({ key, label, before, after }, index) => {
    const other = others[index];
    return other?.key === key && other.label === label && other.after === after && other.before === before;
  });

const fromRows = (rows: Rows | undefined): Values =>
  Object.fromEntries((rows ?? []).map(({ key, after }) => [key, after])) as Values;
