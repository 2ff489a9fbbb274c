import { z } from 'zod';
import { jsonSchema, textSchema } from '../../http/contract.ts';

/** What a flow would do with one record, step by step, without doing it. */
export const trialSchema = z.object({
  record: z.object({ id: z.string(), label: z.string(), values: z.record(z.string(), jsonSchema) }),
  filter: z.object({ passed: z.boolean(), why: textSchema }),
  steps: z.array(
    z.object({
      id: z.string(),
      /** By target field: the value it becomes, or why it cannot. */
      fields: z.record(z.string(), z.object({ value: jsonSchema.optional(), problem: textSchema.optional() })),
      /** What the duplicate rule found: create, update (with changed fields), skip, stop. */
      decision: z.object({ what: z.enum(['create', 'update', 'skip', 'stop', 'act']), why: textSchema }).nullable(),
      /** What would be (or was) sent, by field. */
      send: z.record(z.string(), jsonSchema).nullable(),
      /** Only when really sent. */
      result: z.object({ id: z.string().nullable(), url: z.string().nullable() }).nullable(),
      failure: z.object({ code: z.string(), text: textSchema }).nullable(),
    }),
  ),
});
export type Trial = z.infer<typeof trialSchema>;
