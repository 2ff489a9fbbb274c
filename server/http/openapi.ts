import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { personSchema } from '../accounts/contract.ts';
import { connectionSchema, connectorSchema, fieldSchema, formFieldSchema } from '../connections/contract.ts';
import {
  filterGroup,
  flowDefinition,
  flowDraft,
  flowSchema,
  flowSummarySchema,
  liveEvent,
  runSchema,
  runSummarySchema,
} from '../flows/contract.ts';
import { settingsSchema } from '../settings/contract.ts';
import { jsonSchema, problemSchema, textSchema } from './contract.ts';

/** Schemas that have a name of their own in the document. */
const named = {
  Connection: connectionSchema,
  Connector: connectorSchema,
  Field: fieldSchema,
  FilterGroup: filterGroup,
  Flow: flowSchema,
  FlowDefinition: flowDefinition,
  FlowDraft: flowDraft,
  FlowSummary: flowSummarySchema,
  FormField: formFieldSchema,
  Json: jsonSchema,
  LiveEvent: liveEvent,
  Person: personSchema,
  Problem: problemSchema,
  Run: runSchema,
  RunSummary: runSummarySchema,
  Settings: settingsSchema,
  Text: textSchema,
};

const problemAnswer = {
  description: 'A refusal, as RFC 9457 problem details',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** OpenAPI 3.1 at /api/openapi.json, made of the schemas that check the requests. Registered before the routes. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  const schemaRegistry = z.registry<{ id?: string }>();
  for (const [id, schema] of Object.entries(named)) schemaRegistry.add(schema, { id });
  const transform = createJsonSchemaTransform({ schemaRegistry });
  const name = createJsonSchemaTransformObject({ schemaRegistry });

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Mostik', version, description: 'Everything the screens can do, for programs.' },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key' },
          session: { type: 'apiKey', in: 'cookie', name: 'mostik.session_token', description: "A browser's session" },
        },
      },
      security: [{ apiKey: [] }, { session: [] }],
    },
    hideUntagged: true,
    transform: (document) => {
      const { schema, url } = transform(document as Parameters<typeof transform>[0]);
      const { right } = document.route.config ?? {};
      return {
        url,
        schema: {
          ...schema,
          operationId: operationId(String(document.route.method), url),
          ...(right === 'public' && { security: [] }),
          response: { ...(schema?.response as object), default: problemAnswer },
        },
      };
    },
    transformObject: (document) => withoutUnused(name(document) as Document) as ReturnType<typeof name>,
  });
  app.get('/api/openapi.json', { config: { right: 'public' }, schema: { hide: true } }, async () => app.swagger());
}

/** `GET /api/v1/flows/:id` is `getFlowsById`. */
function operationId(method: string, url: string): string {
  const words = url
    .replace('/api/v1', '')
    .replace(/:(\w+)/g, 'by-$1')
    .split(/[^a-zA-Z0-9]+/)
    .filter(Boolean);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

type Document = { paths?: object; components?: { schemas?: Record<string, object> } };

/** Every named schema comes in a form for requests and one for answers; those that nobody refers to are left out. */
function withoutUnused(document: Document): Document {
  const schemas = document.components?.schemas ?? {};
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, id = ''] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(id)) continue;
      used.add(id);
      follow(schemas[id]);
    }
  };
  follow(document.paths);
  const kept = Object.fromEntries(Object.entries(schemas).filter(([id]) => used.has(id)));
  return { ...document, components: { ...document.components, schemas: kept } };
}
