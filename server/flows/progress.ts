import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { Progress } from './work.ts';

/** A run that has done nothing yet. */
const untouched = (): Progress => ({ steps: {}, trace: [] });

/** Below this a compressed text is hardly smaller. */
const compressedFrom = 512;
const openingBrace = '{'.charCodeAt(0);

/**
 * A run's progress as the database keeps it: its JSON, or 0x01 and the JSON in Brotli. A run's values recur in it five
 * times (loaded, mapped, sent, answered, kept), so 6.5 KB become 0.7. Packing at quality 0 takes as long as encoding the
 * text as UTF-8; carrying the text to PostgreSQL, which compresses it again, took six times as long.
 */
export function packProgress(json: string): Buffer {
  const plain = Buffer.from(json);
  if (plain.length < compressedFrom) return plain;
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

const packedMark = Buffer.from([1]);

/** The other way. A run that has not begun has none. */
export function readProgress(stored: Buffer | null): Progress {
  if (stored === null || stored.length === 0) return untouched();
  const plain = stored[0] === openingBrace ? stored : brotliDecompressSync(stored.subarray(1));
  return JSON.parse(plain.toString()) as Progress;
}
