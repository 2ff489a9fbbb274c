import { z } from 'zod';

/** Words for people, as `kit/text.ts`: a vendor's own string, or ours in both languages. */
export const textSchema = z.union([z.string(), z.object({ en: z.string(), ru: z.string() })]);
export const jsonSchema: z.ZodType<JsonValue> = z.json();
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Opaque place in a list: pass it back as `after` for the next page. */
export const pageQuery = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** RFC 9457 problem details; `code` is for machines, `text` for people in both languages. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** Of an unforeseen failure: the reference under which the log has it, as `urn:uuid:…`. */
  instance: z.string().optional(),
  code: z.string(),
  text: textSchema,
  /** Wrong fields of the request by JSON pointer. */
  errors: z.array(z.object({ pointer: z.string(), text: textSchema })).optional(),
  /** What stands in the way: the flows that use a connection. */
  items: z.array(z.object({ id: z.string(), name: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/**
 * Who may call: `public` is everybody, `signedIn` any person with a session or an API key,
 * `administrator` what only administrators may do.
 */
export type Right = 'public' | 'signedIn' | 'administrator';

export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  Allowed extends Right = Right,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Under `/api/v1`, params as `:name`. */
  path: string;
  right: Allowed;
  summary: string;
  tag: string;
  params: Params;
  query: Query;
  body: Body;
  response: Response;
  /** Of the good answer; default 200. */
  status?: number;
}

const none = z.undefined();
type None = typeof none;

/** One endpoint as both sides see it: the server checks by it and makes OpenAPI of it, the web calls by it. */
export function endpoint<
  Params extends z.ZodType = None,
  Query extends z.ZodType = None,
  Body extends z.ZodType = None,
  Response extends z.ZodType = None,
  Allowed extends Right = Right,
>(definition: {
  method: Endpoint['method'];
  path: string;
  right: Allowed;
  summary: string;
  tag: string;
  params?: Params;
  query?: Query;
  body?: Body;
  response?: Response;
  status?: number;
}): Endpoint<Params, Query, Body, Response, Allowed> {
  return {
    params: none as unknown as Params,
    query: none as unknown as Query,
    body: none as unknown as Body,
    response: none as unknown as Response,
    ...definition,
  };
}
