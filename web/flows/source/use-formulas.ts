import { useQuery } from '@tanstack/react-query';
import { flowsApi } from '../../../server/flows/contract.ts';
import { queryOf } from '../../api.ts';

/** Every formula there is, with its words; they do not change while the page is open. */
export function useFormulas() {
  const { data } = useQuery({ ...queryOf(flowsApi.listFormulas), staleTime: Number.POSITIVE_INFINITY });
  return data ?? [];
}
