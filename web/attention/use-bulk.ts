import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { attentionApi, runsApi } from '../../server/flows/contract.ts';
import { settingsApi } from '../../server/settings/contract.ts';

export interface Taken {
  taken: number;
  next: string | null;
}

export interface Bulk {
  /** asking: not begun · working · stopping: the page under way is still taken · stopped: by the person or by a failure · done */
  state: 'asking' | 'working' | 'stopping' | 'stopped' | 'done';
  taken: number;
  error: unknown;
  /** Begins, or goes on after a stop. */
  begin(): void;
  stop(): void;
}

const touched = new Set<unknown>([
  attentionApi.listAttention.path,
  attentionApi.countAttention.path,
  runsApi.listRuns.path,
  runsApi.getRun.path,
  settingsApi.getOverview.path,
]);

/** Takes page after page until there is none, the person stops it or leaves, or a page fails. */
export function useBulk(takePage: (after: string | undefined) => Promise<Taken>): Bulk {
  const client = useQueryClient();
  const [state, setState] = useState<Bulk['state']>('asking');
  const [taken, setTaken] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const stopped = useRef(false);
  const after = useRef<string | undefined>(undefined);
  useEffect(
    () => () => {
      stopped.current = true;
    },
    [],
  );

  async function work(): Promise<void> {
    try {
      while (!stopped.current) {
        const page = await takePage(after.current);
        setTaken((sum) => sum + page.taken);
        if (page.next === null) return setState('done');
        after.current = page.next;
      }
    } catch (failure) {
      setError(failure);
    } finally {
      void client.invalidateQueries({ predicate: ({ queryKey }) => touched.has(queryKey[0]) });
    }
    setState('stopped');
  }
  return {
    state,
    taken,
    error,
    begin() {
      stopped.current = false;
      setError(null);
      setState('working');
      void work();
    },
    stop() {
      stopped.current = true;
      setState('stopping');
    },
  };
}
