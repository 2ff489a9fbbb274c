import type { LiveEvent } from '../flows/contract.ts';

/** Tells the screens of every process what changed: NOTIFY in, server-sent events out. */
export interface Live {
  /** Joined within a few milliseconds into one NOTIFY; losing one is harmless, screens also ask now and then. */
  tell(event: LiveEvent): void;
  subscribe(listener: (event: LiveEvent) => void): () => void;
}
