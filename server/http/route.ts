import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { SignedIn } from './caller.ts';
import type { Endpoint, Right } from './contract.ts';

type None = z.ZodUndefined;

/** What a handler gets: everything checked by the endpoint's schemas, and who asks. */
interface Call<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Allowed extends Right = Right,
> {
  params: z.output<Params>;
  query: z.output<Query>;
  body: z.output<Body>;
  /** null only where strangers may call. */
  person: Allowed extends 'public' ? null : SignedIn;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** Serves one endpoint of a contract under /api/v1. The handler returns the body; refusals are thrown as `Problem`. */
export function route<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Response extends z.ZodType,
  Allowed extends Right,
>(
  app: FastifyInstance,
  endpoint: Endpoint<Params, Query, Body, Response, Allowed>,
  handler: (call: Call<Params, Query, Body, Allowed>) => Promise<Response extends None ? void : z.output<Response>>,
): void {
  const status = endpoint.status ?? 200;
  app.route({
    method: endpoint.method,
    url: `/api/v1${endpoint.path}`,
    config: { right: endpoint.right },
    schema: schemaOf(endpoint, status),
    handler: async (request, reply) => {
      reply.code(status);
      const body = await handler({
        params: request.params,
        query: request.query,
        body: request.body,
        person: request.caller?.person ?? null,
        request,
        reply,
      } as Call<Params, Query, Body, Allowed>);
      return reply.send(body);
    },
  });
}

function schemaOf(endpoint: Endpoint, status: number): object {
  return {
    summary: endpoint.summary,
    tags: [endpoint.tag],
    ...(isSome(endpoint.params) && { params: endpoint.params }),
    ...(isSome(endpoint.query) && { querystring: endpoint.query }),
    ...(isSome(endpoint.body) && { body: endpoint.body }),
    ...(isSome(endpoint.response) && { response: { [status]: endpoint.response } }),
  };
}

/** An endpoint without a body takes whatever comes: clients send `{}` or nothing. */
const isSome = (schema: z.ZodType): boolean => schema.type !== 'undefined';
