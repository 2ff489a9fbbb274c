import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Seals small secrets at rest. */
export interface Sealer {
  seal(plain: string): Buffer;
  /** Throws when the bytes were sealed under another key, with words for the administrator. */
  open(sealed: Buffer): string;
}

/** First byte of what we seal, so that the form may change some day. */
const form = 1;
/** NIST SP 800-38D: 96-bit random nonce, 128-bit tag. */
const nonceLength = 12;
const tagLength = 16;

const otherKey =
  'A stored secret cannot be opened: it was sealed under another key. Give back the key it was sealed under ' +
  '(MOSTIK_SECRET_KEY, or the file secret.key of the data folder), or enter the secrets of the connections anew.';

/** AES-256-GCM under one 32-byte key: form byte, nonce, tag, sealed text. */
export function createSealer(key: Buffer): Sealer {
  if (key.length !== 32) throw new Error(`The secret key has ${key.length} bytes; it must have 32.`);
  return {
    seal(plain) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(form), nonce, cipher.getAuthTag(), text]);
    },
    open(sealed) {
      try {
        if (sealed[0] !== form) throw new Error('unknown form');
        const tagAt = 1 + nonceLength;
        const textAt = tagAt + tagLength;
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, tagAt), { authTagLength: tagLength });
        decipher.setAuthTag(sealed.subarray(tagAt, textAt));
        return decipher.update(sealed.subarray(textAt), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw new Error(otherKey, { cause: error });
      }
    },
  };
}

async function readKeyFile(file: string): Promise<Buffer | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Error(`The key file ${file} cannot be read: ${error.message}`, { cause: error });
  });
  if (text === null) return null;
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32)
    throw new Error(`The key file ${file} is damaged: it must hold 32 bytes as base64. Restore it from a backup.`);
  return key;
}

/** The key from the settings, else from `secret.key` in the data folder, which is made at the first start. */
export async function loadKey(config: { secretKey: Buffer | null; dataDir: string }): Promise<Buffer> {
  if (config.secretKey) return config.secretKey;
  const file = join(config.dataDir, 'secret.key');
  const kept = await readKeyFile(file);
  if (kept) return kept;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  // Written aside and linked: of two processes that start at once one makes the key, and nobody reads half of it.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return loadKey(config);
}
