import type { Saved } from './stand.ts';

/** A business process with a signal and «Call web service» behind it. */
export interface ProcessCall {
  url: string;
  secret: string;
  /** Objects whose records start it; empty: all. */
  objects: string[];
  /** The call has the third parameter, `Event`. */
  tellsEvent: boolean;
}

export interface ProcessCalls {
  register(call: Partial<ProcessCall> & { url: string }): void;
  /** All processes are switched off. */
  clear(): void;
  /** Calls made so far, with the answered status (0: nobody answered). */
  made: { object: string; id: string; status: number }[];
  /** Waits until every call that was started has been answered. */
  settled(): Promise<void>;
}

const signals = { created: 'added', changed: 'modified' } as const;

export function createProcessCalls(): ProcessCalls & { onSaved(saved: Saved): void } {
  const processes: ProcessCall[] = [];
  const made: ProcessCalls['made'] = [];
  const running = new Set<Promise<void>>();
  const send = async (process: ProcessCall, { object, id, event }: Saved): Promise<void> => {
    const status = await fetch(process.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-Mostik-Secret': process.secret },
      body: JSON.stringify({ EntityName: object, Id: id, ...(process.tellsEvent ? { Event: signals[event] } : {}) }),
    }).then(
      (response) => response.status,
      () => 0,
    );
    made.push({ object, id, status });
    if (made.length > 500) made.shift();
  };
  return {
    made,
    register: (call) => void processes.push({ secret: '', objects: [], tellsEvent: false, ...call }),
    clear: () => void processes.splice(0),
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    onSaved(saved) {
      for (const process of processes) {
        if (process.objects.length > 0 && !process.objects.includes(saved.object)) continue;
        const sending = send(process, saved).finally(() => running.delete(sending));
        running.add(sending);
      }
    },
  };
}
