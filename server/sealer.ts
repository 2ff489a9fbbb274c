/** Seals small secrets at rest. */
export interface Sealer {
  seal(plain: string): Buffer;
  /** Throws when the bytes were sealed under another key, with words for the administrator. */
  open(sealed: Buffer): string;
}
