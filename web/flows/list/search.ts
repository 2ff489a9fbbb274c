import { z } from 'zod';
import { flowStates } from '../../../server/flows/contract.ts';

/** What the address of the list says: `?state=paused&app=hubex&mine=true`. */
export const flowSearch = z.object({
  state: z.enum(flowStates).optional().catch(undefined),
  app: z.string().optional().catch(undefined),
  mine: z.literal(true).optional().catch(undefined),
});
export type FlowSearch = z.infer<typeof flowSearch>;
