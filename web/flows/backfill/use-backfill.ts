import { useQuery } from '@tanstack/react-query';
import { type Backfill, backfillApi } from '../../../server/flows/contract.ts';
import { queryOf } from '../../api.ts';

const ended = new Set<Backfill['state']>(['done', 'cancelled']);

/** Not done, not called off: a flow has one such at most. */
export const isOpen = (backfill: Backfill): boolean => !ended.has(backfill.state);

/** The latest backfill of a flow, kept in step by live events. */
export const useBackfill = (flowId: string) =>
  useQuery({ ...queryOf(backfillApi.getBackfill, { params: { id: flowId } }), staleTime: 0 });
