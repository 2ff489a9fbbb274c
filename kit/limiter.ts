import type { Priority } from './call.ts';

/** A leaky bucket: `capacity` calls at once, then `perSecond`. `concurrency`: calls at the same time. */
export interface Bucket {
  key: string;
  capacity: number;
  perSecond: number;
  concurrency?: number;
}

export interface Limiter {
  /** Resolves when a call may go out, in the order of priority; rejects with the signal's reason when it is aborted. Returns what to call when the answer is in. */
  acquire(bucket: Bucket, options: { priority: Priority; signal?: AbortSignal }): Promise<() => void>;
  /** Nothing goes out before `until`, in any process: the other side said so. */
  pause(key: string, until: Date): Promise<void>;
}
