export function findChromium(env?: Record<string, string | undefined>): string | null;
export function makeSureOfChromium(): Promise<string | null>;
