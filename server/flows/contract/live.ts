import { z } from 'zod';

/** Server-sent events at `GET /api/v1/live`: what changed, so that screens ask anew. */
export const liveEvent = z.object({
  kind: z.enum(['run', 'flow', 'connection']),
  id: z.string(),
  flow: z.string().optional(),
});
export type LiveEvent = z.infer<typeof liveEvent>;
