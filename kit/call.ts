import { AsyncLocalStorage } from 'node:async_hooks';

/** One request and its answer as the history shows it: secrets masked and bodies capped before anything is kept. */
export interface Exchange {
  /** ISO time of the request. */
  at: string;
  milliseconds: number;
  method: string;
  url: string;
  requestHeaders: Record<string, string>;
  requestBody: string | null;
  /** null: no answer came. */
  status: number | null;
  responseHeaders: Record<string, string>;
  responseBody: string | null;
  /** Why no answer came. */
  error?: string;
  /** Bytes cut from the request and response body. */
  requestBytesCut?: number;
  responseBytesCut?: number;
}

/** Who waits for the answer: the limiter lets a person's click pass before runs, and runs before polls. */
export type Priority = 'person' | 'run' | 'poll';

interface Call {
  priority: Priority;
  exchanges: Exchange[];
  signal: AbortSignal | undefined;
  notAfter: (() => number) | undefined;
}

const calls = new AsyncLocalStorage<Call>();

/** The call that surrounds the code which asks, however deep it runs. */
export const currentCall = (): Call | undefined => calls.getStore();

/**
 * Runs `work` so that every HTTP exchange inside it lands in the list that is given, also when it throws. Later than
 * `notAfter`, a moment of the monotonic clock that may move on meanwhile, no request leaves any more.
 */
export async function recordCall<T>(
  options: { priority: Priority; exchanges: Exchange[]; signal?: AbortSignal; notAfter?: () => number },
  work: () => Promise<T>,
): Promise<T> {
  const { priority, exchanges, signal, notAfter } = options;
  return calls.run({ priority, exchanges, signal, notAfter }, work);
}
