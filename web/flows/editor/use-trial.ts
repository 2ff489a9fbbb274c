import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type FlowDraft, flowsApi, type Trial } from '../../../server/flows/contract.ts';
import { queryOf } from '../../api.ts';

const pauseMs = 600;

export interface TrialView {
  data: Trial | undefined;
  pending: boolean;
  error: Error | null;
}

/** What the draft makes of the sample record, a moment after the last change; nothing is sent. */
export function useTrial(draft: FlowDraft, record: string | undefined): TrialView {
  const [settled] = useDebouncedValue(draft, pauseMs);
  const ready = Boolean(settled.trigger?.connection && settled.trigger.trigger);
  const query = useQuery({
    ...queryOf(flowsApi.postTrial, { body: { draft: settled, ...(record ? { record } : {}) } }),
    enabled: ready && Boolean(record) && settled.steps.some((step) => step.connection && step.action),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  return { data: query.data, pending: query.isFetching || settled !== draft, error: query.error };
}

/** How many recent records the filter would pass. */
export function useFilterCount(draft: FlowDraft, enabled: boolean) {
  const [settled] = useDebouncedValue(draft, pauseMs);
  // Only what decides it is asked with, so that typing in a mapping does not ask again.
  const asked: FlowDraft = { trigger: settled.trigger, filter: settled.filter, steps: [] };
  return useQuery({
    ...queryOf(flowsApi.postFilterCount, { body: { draft: asked } }),
    enabled: enabled && Boolean(asked.trigger?.connection && asked.trigger.trigger && asked.filter?.rules.length),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
}
