/**
 * JSON that a jsonb column takes. PostgreSQL refuses U+0000 and half a surrogate pair there, and one refused value
 * would fail all that share its statement: the first is left out, the second becomes U+FFFD.
 */
export const toJsonb = (value: unknown): string =>
  JSON.stringify(value).replace(/\\(u[0-9a-f]{4}|.)/g, (escape, what: string) => {
    if (what === 'u0000') return '';
    // JSON.stringify writes whole pairs as they are and escapes only halves.
    return /^ud[89a-f]/.test(what) ? '\ufffd' : escape;
  });

/** Text columns hold no U+0000 either. */
export const toText = <T extends string | null>(text: T): T => (text?.replaceAll('\0', '') ?? null) as T;
