import { z } from 'zod';
import { endpoint, pageQuery, textSchema } from '../../http/contract.ts';

const linkedEndSchema = z.object({
  /** Key of the app. */
  app: z.string(),
  /** What it is: deal, task. */
  type: textSchema,
  id: z.string(),
  /** As people call it, and where it opens; null when no run in the history tells. */
  label: z.string().nullable(),
  url: z.string().nullable(),
});
export type LinkedEnd = z.infer<typeof linkedEndSchema>;

/**
 * What the next event of an unlinked record does.
 * search: looks by the keys, creates when nothing is found · create: creates · find: looks by the keys, does nothing when
 * nothing is found · nothing: has no way to find the record.
 */
export const afterUnlinking = ['search', 'create', 'find', 'nothing'] as const;
export type AfterUnlinking = (typeof afterUnlinking)[number];

/** A record on the trigger's side and the one over there that belongs to it. */
export const pairSchema = z.object({
  id: z.string(),
  source: linkedEndSchema,
  target: linkedEndSchema,
  linkedAt: z.string(),
  /** When the flow last took the record or wrote to the other one. */
  syncedAt: z.string(),
  /** The run that linked them, while the history has it. */
  run: z.string().nullable(),
  afterUnlinking: z.enum(afterUnlinking),
});
export type Pair = z.infer<typeof pairSchema>;

const ofFlow = z.object({ id: z.uuid() });

export const pairsApi = {
  listPairs: endpoint({
    method: 'GET',
    path: '/flows/:id/pairs',
    right: 'signedIn',
    summary: 'Linked records of a flow, the latest links first',
    tag: 'pairs',
    params: ofFlow,
    query: pageQuery.extend({
      limit: z.coerce.number().int().min(1).max(100).default(50),
      /** Id of a record at either end as it stands, or words that a run of the record can be found by. */
      q: z.string().max(200).optional(),
      /** Only of this record on the trigger's side. */
      record: z.string().max(300).optional(),
    }),
    response: z.object({
      items: z.array(pairSchema),
      next: z.string().nullable(),
      /** The flow takes each record only once: the next event of an unlinked one does nothing by itself. */
      once: z.boolean(),
    }),
  }),
  unlinkPairs: endpoint({
    method: 'POST',
    path: '/flows/:id/pairs/unlink',
    right: 'signedIn',
    summary: 'Forget that records belong together; the records themselves stay as they are',
    tag: 'pairs',
    params: ofFlow,
    body: z.object({
      pairs: z
        .array(z.string().regex(/^\d{1,19}$/))
        .min(1)
        .max(200),
    }),
    response: z.object({ unlinked: z.number().int() }),
  }),
};
