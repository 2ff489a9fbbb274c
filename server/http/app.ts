import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { routes as accountsRoutes, ensureAdministrator, ensureApiKey, identifyBy } from '../accounts/index.ts';
import { routes as connectionsRoutes } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { routes as flowsRoutes } from '../flows/index.ts';
import { routes as noticesRoutes } from '../notices/index.ts';
import { routes as settingsRoutes } from '../settings/index.ts';
import { bodyLimit, readJsonBodies } from './body.ts';
import { guardApi } from './guard.ts';
import { registerHooks } from './hooks.ts';
import { serveLive } from './live-stream.ts';
import { describeApi } from './openapi.ts';
import { handleError, Problem } from './problem.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { checkBySchema } from './validation.ts';
import { serveWeb } from './web.ts';

/** The whole HTTP edge, ready to listen. `close()` ends the streams, lets running requests finish, and takes no new ones. */
export async function createApp(ctx: Context): Promise<FastifyInstance> {
  const { publicUrl, trustProxy, version } = ctx.config;
  const identify = identifyBy(ctx);
  await ensureAdministrator(ctx);
  await ensureApiKey(ctx);
  const app = Fastify({
    loggerInstance: ctx.log,
    logController: new LogController({ disableRequestLogging: true }),
    // A number of proxies is taken as well (fastify.dev, Server, trustProxy); only the types do not say so.
    trustProxy: trustProxy as boolean | string[],
    bodyLimit,
    // Whoever sends a request byte by byte is let go.
    requestTimeout: 60_000,
    genReqId: () => randomUUID(),
    // The longest parameter of a contract has 300 characters, which a client writes as up to nine each.
    routerOptions: { maxParamLength: 3000 },
    frameworkErrors: (error, request, reply) => void handleError(error, request as FastifyRequest, reply),
  }) as unknown as FastifyInstance;

  app.setValidatorCompiler(checkBySchema);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  addSecurityHeaders(app, publicUrl);
  logAnswers(app);
  readJsonBodies(app);
  guardApi(app, { identify, publicUrl });
  refuseNul(app);
  await describeApi(app, version);

  await app.register(async (rooms) => {
    accountsRoutes(rooms, ctx);
    connectionsRoutes(rooms, ctx);
    flowsRoutes(rooms, ctx);
    settingsRoutes(rooms, ctx);
    noticesRoutes(rooms, ctx);
    await registerHooks(rooms, ctx);
    serveLive(rooms, { live: ctx.live, identify });
  });
  await serveWeb(app);
  return app;
}

/** One line an answer. Addresses of hooks are secrets, so they are told by their pattern; queries may hold anything. */
function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { url: pattern } = request.routeOptions;
    const path = pattern?.startsWith('/api/') ? request.url.split('?', 1)[0] : (pattern ?? 'no route');
    const line = {
      method: request.method,
      path,
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
    };
    if (pattern?.startsWith('/api/')) request.log.info(line, 'Answered');
    else request.log.debug(line, 'Answered');
  });
}

/** PostgreSQL keeps no U+0000 in text, so no address may hold one. */
function refuseNul(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (!request.url.includes('%00')) return;
    throw new Problem({
      status: 400,
      code: 'http.nul_character',
      text: {
        en: 'The address holds a character with code 0.',
        ru: 'В адресе есть символ с кодом 0.',
      },
    });
  });
}
