import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { listen } from '../db/listen.ts';
import { type LiveEvent, liveEvent } from '../flows/contract.ts';

/** Tells the screens of every process what changed: NOTIFY in, server-sent events out. */
export interface Live {
  /** Joined within a few milliseconds into one NOTIFY; losing one is harmless, screens also ask now and then. */
  tell(event: LiveEvent): void;
  subscribe(listener: (event: LiveEvent) => void): () => void;
}

const channel = 'mostik_live';
const joinMilliseconds = 25;
/** PostgreSQL refuses a payload of 8000 bytes or more. */
const payloadBytes = 7900;
const events = liveEvent.array();

/** Live news over PostgreSQL. It listens from the first subscriber on, on a connection of its own. */
export function createLive(pool: Pool, log: Logger): Live & { close(): Promise<void> } {
  const listeners = new Set<(event: LiveEvent) => void>();
  const waiting = new Map<string, LiveEvent>();
  let timer: NodeJS.Timeout | undefined;
  let ears: Promise<() => Promise<void>> | undefined;

  const send = async () => {
    timer = undefined;
    const payloads = pack([...waiting.values()]);
    waiting.clear();
    try {
      for (const payload of payloads) await pool.query('select pg_notify($1, $2)', [channel, payload]);
    } catch (error) {
      log.warn({ err: error }, 'Live news could not be sent');
    }
  };

  const hear = (payload: string) => {
    const parsed = events.safeParse(parse(payload));
    if (!parsed.success) return;
    for (const event of parsed.data) for (const listener of listeners) listener(event);
  };

  return {
    tell(event) {
      waiting.set(`${event.kind} ${event.id}`, event);
      timer ??= setTimeout(() => void send(), joinMilliseconds);
    },
    subscribe(listener) {
      listeners.add(listener);
      ears ??= listen({ pool, log, channel, heard: hear });
      ears.catch((error: unknown) => {
        log.warn({ err: error }, 'Live news cannot be heard');
        ears = undefined;
      });
      return () => listeners.delete(listener);
    },
    async close() {
      clearTimeout(timer);
      listeners.clear();
      const stop = await ears?.catch(() => undefined);
      await stop?.();
    },
  };
}

function pack(all: LiveEvent[]): string[] {
  const payloads: string[] = [];
  let bytes = payloadBytes + 1;
  for (const event of all) {
    const text = JSON.stringify(event);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > payloadBytes) {
      payloads.push(text);
      bytes = Buffer.byteLength(text) + 2;
    } else payloads.push(`${payloads.pop()},${text}`);
  }
  return payloads.map((payload) => `[${payload}]`);
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}
