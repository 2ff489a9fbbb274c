import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Flow, type FlowDraft, flowsApi } from '../../../server/flows/contract.ts';
import { ApiProblem, call, queryOf } from '../../api.ts';
import { withFirstStep } from './draft.ts';

/** saved · unsaved: waits for a pause in typing · saving · failed: tried and will be tried again · conflict: another tab saved a newer draft */
export type Saving = 'saved' | 'unsaved' | 'saving' | 'failed' | 'conflict';

const pauseMs = 700;
const retryMs = 5000;

export interface DraftKeeper {
  draft: FlowDraft;
  /** Grows when the draft was put back from outside: editors with a state of their own start anew. */
  generation: number;
  saving: Saving;
  failure: ApiProblem | null;
  change(edit: (draft: FlowDraft) => FlowDraft): void;
  /** Saves now what is not saved yet; false when it could not be. */
  flush(): Promise<boolean>;
  /** After a conflict: drop mine, go on with what the other tab saved. */
  takeTheirs(): Promise<void>;
  /** After a conflict: save mine over it. */
  keepMine(): Promise<void>;
  /** Go on with this flow as the server just returned it. */
  adopt(flow: Flow): void;
}

/** Keeps the draft of a flow: every change is saved by itself after a pause, and what is not saved yet is saved on leaving. */
export function useDraft(flow: Flow): DraftKeeper {
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => withFirstStep(flow.draft));
  const [generation, setGeneration] = useState(0);
  const [saving, setSaving] = useState<Saving>('saved');
  const [failure, setFailure] = useState<ApiProblem | null>(null);
  const latest = useRef({ draft, number: flow.draftNumber, dirty: false, stuck: false });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<Promise<boolean>>(Promise.resolve(true));

  const keep = useCallback(
    (fresh: Flow) => {
      latest.current.number = fresh.draftNumber;
      client.setQueryData(queryOf(flowsApi.getFlow, { params: { id: fresh.id } }).queryKey, fresh);
    },
    [client],
  );

  const save = useCallback(async (): Promise<boolean> => {
    if (!latest.current.dirty) return true;
    if (latest.current.stuck) return false;
    latest.current.dirty = false;
    setSaving('saving');
    try {
      const body = { draft: latest.current.draft, draftNumber: latest.current.number };
      keep(await call(flowsApi.patchFlow, { params: { id: flow.id }, body }));
      setFailure(null);
      setSaving(latest.current.dirty ? 'unsaved' : 'saved');
      return true;
    } catch (error) {
      latest.current.dirty = true;
      if (!(error instanceof ApiProblem)) throw error;
      latest.current.stuck = error.status === 409;
      setFailure(error);
      setSaving(latest.current.stuck ? 'conflict' : 'failed');
      // What the server refuses as such will be refused again: it waits for the next change.
      if (error.status === 0 || error.status >= 500) timer.current = setTimeout(() => void flush(), retryMs);
      return false;
    }
    // Flush only calls save through the queue.
  }, [flow.id, keep]);

  /** One save at a time, or the second would be refused for its number. */
  const flush = useCallback((): Promise<boolean> => {
    clearTimeout(timer.current);
    running.current = running.current.then(save, save);
    return running.current;
  }, [save]);

  const change = useCallback(
    (edit: (draft: FlowDraft) => FlowDraft) => {
      const next = edit(latest.current.draft);
      if (next === latest.current.draft) return;
      latest.current.draft = next;
      latest.current.dirty = true;
      setDraft(next);
      if (latest.current.stuck) return;
      setSaving('unsaved');
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush(), pauseMs);
    },
    [flush],
  );

  const adopt = useCallback(
    (fresh: Flow) => {
      keep(fresh);
      const taken = withFirstStep(fresh.draft);
      Object.assign(latest.current, { draft: taken, dirty: false, stuck: false });
      clearTimeout(timer.current);
      setDraft(taken);
      setGeneration((number) => number + 1);
      setSaving('saved');
      setFailure(null);
    },
    [keep],
  );

  const takeTheirs = async () => adopt(await call(flowsApi.getFlow, { params: { id: flow.id } }));
  const keepMine = async () => {
    latest.current.number = (await call(flowsApi.getFlow, { params: { id: flow.id } })).draftNumber;
    latest.current.stuck = false;
    latest.current.dirty = true;
    await flush();
  };

  useSaveOnLeaving(latest, flush);
  return { draft, generation, saving, failure, change, flush, takeTheirs, keepMine, adopt };
}

function useSaveOnLeaving(latest: { current: { dirty: boolean } }, flush: () => Promise<boolean>) {
  useEffect(() => {
    const hidden = () => {
      if (document.visibilityState === 'hidden') void flush();
    };
    const leaving = (event: BeforeUnloadEvent) => {
      if (!latest.current.dirty) return;
      void flush();
      event.preventDefault();
    };
    document.addEventListener('visibilitychange', hidden);
    window.addEventListener('beforeunload', leaving);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      window.removeEventListener('beforeunload', leaving);
      void flush();
    };
  }, [latest, flush]);
}
