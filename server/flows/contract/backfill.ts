import { z } from 'zod';
import { endpoint, textSchema } from '../../http/contract.ts';

/** Existing records through a flow: counted first, started by a person, paused, called off. */
export const backfillSchema = z.object({
  id: z.uuid(),
  since: z.string(),
  until: z.string(),
  state: z.enum(['counting', 'ready', 'running', 'paused', 'done', 'cancelled']),
  /** Records of the period; null: not counted yet, or the app cannot tell. */
  total: z.number().int().nullable(),
  /** Records handed to the flow so far. */
  taken: z.number().int(),
  /** Of these, not finished yet. */
  open: z.number().int(),
  failure: z.object({ code: z.string(), text: textSchema, at: z.string() }).nullable(),
});
export type Backfill = z.infer<typeof backfillSchema>;

const ofFlow = z.object({ id: z.uuid() });

export const backfillApi = {
  getBackfill: endpoint({
    method: 'GET',
    path: '/flows/:id/backfill',
    right: 'signedIn',
    summary: 'The latest backfill of a flow',
    tag: 'backfill',
    params: ofFlow,
    response: backfillSchema.nullable(),
  }),
  postBackfill: endpoint({
    method: 'POST',
    path: '/flows/:id/backfill',
    right: 'signedIn',
    summary: 'Count the existing records of a period; nothing goes through the flow before it is started',
    tag: 'backfill',
    params: ofFlow,
    body: z.object({ since: z.iso.datetime({ offset: true }) }),
    response: backfillSchema,
    status: 201,
  }),
  moveBackfill: endpoint({
    method: 'POST',
    path: '/flows/:id/backfill/:move',
    right: 'signedIn',
    summary: 'Start, pause, resume or cancel the open backfill',
    tag: 'backfill',
    params: z.object({ id: z.uuid(), move: z.enum(['start', 'pause', 'resume', 'cancel']) }),
    response: backfillSchema,
  }),
};
