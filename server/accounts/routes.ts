import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { route } from '../http/route.ts';
import { listApiKeys, makeApiKey, revokeApiKey } from './api-keys.ts';
import { accountsApi } from './contract.ts';
import { changePassword } from './passwords.ts';
import { changePerson, followLanguage, languageOf, readPerson } from './people.ts';
import { renewSession, signIn, signOut } from './sessions.ts';
import { isLocalVisit, isSetUp, makeFirstAdministrator, maySetUp } from './setup.ts';

export function routes(app: FastifyInstance, ctx: Context): void {
  route(app, accountsApi.getSetup, async ({ request }) => {
    const needed = !(await isSetUp(ctx));
    return { needed, codeNeeded: needed && !isLocalVisit(request) };
  });
  route(app, accountsApi.postSetup, async ({ body: { code, ...person }, request, reply }) => {
    await maySetUp(ctx, request, code);
    const id = await makeFirstAdministrator(ctx, person);
    await renewSession(ctx, { request, reply, email: person.email, password: person.password });
    return readPerson(ctx.db, id);
  });

  route(app, accountsApi.getSession, async ({ person }) => person);
  route(app, accountsApi.postSession, async ({ body: { language, ...credentials }, request, reply }) => {
    const id = await signIn(ctx, { ...credentials, request, reply });
    await followLanguage(ctx.db, id, language ?? languageOf(request.headers['accept-language']));
    return readPerson(ctx.db, id);
  });
  route(app, accountsApi.deleteSession, async ({ request, reply }) => {
    if (request.caller?.by === 'session') await signOut(ctx, request, reply);
  });

  route(app, accountsApi.patchMe, ({ body, person }) => changePerson(ctx.db, person.id, body));
  route(app, accountsApi.postMyPassword, async ({ body, person, request, reply }) => {
    await changePassword(ctx, { personId: person.id, ...body });
    if (request.caller?.by === 'session') {
      await renewSession(ctx, { request, reply, email: person.email, password: body.next });
    }
  });

  route(app, accountsApi.listApiKeys, () => listApiKeys(ctx));
  route(app, accountsApi.postApiKey, ({ body, person }) => makeApiKey(ctx, { personId: person.id, name: body.name }));
  route(app, accountsApi.deleteApiKey, ({ params }) => revokeApiKey(ctx, params.id));
}
