import qs from 'qs';
import { type Faults, type StandInRequest, type StandInResponse, serveStandIn } from '../../kit/testing/stand-in.ts';
import { runBatch } from './stand-in/batch.ts';
import { card } from './stand-in/card.ts';
import { createHooks, type Hooks } from './stand-in/hooks.ts';
import { type Answer, methods, type Params, type Session } from './stand-in/methods.ts';
import {
  addItem,
  type Item,
  itemOf,
  newPortal,
  type Portal,
  removeItem,
  stageInfo,
  updateItem,
} from './stand-in/portal.ts';
import { Refusal } from './stand-in/refusal.ts';
import { COMPANY, CONTACT, DEAL, LEAD } from './stand-in/schema.ts';
import { seedDemo } from './stand-in/seed.ts';
import { portalTime } from './stand-in/values.ts';

export interface Bitrix24StandInOptions {
  port?: number;
  /** `demo` (default): a firm that services kitchen equipment; `empty`: pipelines and dictionaries only. */
  seed?: 'demo' | 'empty';
  /** The portal's own name: it is in its events and in the address of the webhook. */
  domain?: string;
  /** Scopes of the inbound webhook. */
  scopes?: ('crm' | 'user')[];
  /** The leaky bucket: 50 calls at once, then 2 a second. Default true. */
  limited?: boolean;
  now?: () => Date;
}

type Fields = Record<string, unknown>;

export interface Stage {
  id: string;
  name: string;
  categoryId: number;
}

export interface Bitrix24StandIn {
  /** `http://127.0.0.1:port` */
  url: string;
  /** For the connection's endpoint `rest`. */
  restBase: string;
  /** What a person would paste: `https://romashka.bitrix24.ru/rest/1/…/`. */
  webhookUrl: string;
  domain: string;
  applicationToken: string;
  faults: Faults;
  requests: StandInRequest[];
  portal: Portal;
  hooks: Hooks;
  /** Switches that tests and the sandbox page turn while it runs. */
  switches: {
    limited: boolean;
    revoked: boolean;
    scopes: ('crm' | 'user')[];
    /** The portal was renamed: the old address sends on to the same path of this host (change-domen.md). */
    movedTo: string | null;
    /** Methods that have used up their running time (limits.md). */
    outOfTime: string[];
  } & Session['quirks'];
  stages(): Stage[];
  listDeals(): Item[];
  deal(id: number): Item;
  createDeal(fields: Fields): Item;
  editDeal(id: number, fields: Fields): Item;
  /** To a stage of any pipeline. */
  moveDeal(id: number, stageId: string): Item;
  deleteDeal(id: number): void;
  createContact(fields: Fields): Item;
  createCompany(fields: Fields): Item;
  createLead(fields: Fields): Item;
  stop(): Promise<void>;
}

const SECRET = 'k7q2zw9x4b1mdemo';

/** Parameters come as JSON, as a form or in the query. */
function paramsOf(request: StandInRequest): Params {
  const query = qs.parse(request.query.toString(), { depth: 10 });
  const body = request.rawBody.toString('utf8');
  if (body === '') return query;
  if (request.headers['content-type']?.includes('json')) return { ...query, ...(JSON.parse(body) as Params) };
  return { ...query, ...qs.parse(body, { depth: 10, arrayLimit: 1000, parameterLimit: 10_000 }) };
}

/** By the portal's clock. */
function timeOf(started: Date, finished: Date): Record<string, unknown> {
  const [start, finish] = [started.getTime() / 1000, finished.getTime() / 1000];
  return {
    start,
    finish,
    duration: finish - start,
    processing: finish - start,
    date_start: portalTime(started),
    date_finish: portalTime(finished),
    operating_reset_at: Math.floor(finish) + 600,
    operating: 0,
  };
}

/** limits.md: each call fills by one, two drain a second, at 50 the portal refuses. */
function leakyBucket(): () => boolean {
  let level = 0;
  let seen = Date.now();
  return () => {
    level = Math.max(0, level - ((Date.now() - seen) / 1000) * 2);
    seen = Date.now();
    if (level >= 50) return false;
    level += 1;
    return true;
  };
}

const refused = (refusal: Refusal): StandInResponse => ({
  status: refusal.status,
  body: { error: refusal.code, error_description: refusal.message },
});

function face(portal: Portal) {
  return {
    stages: (): Stage[] =>
      portal.statuses
        .filter((status) => status.entityId.startsWith('DEAL_STAGE'))
        .map(({ statusId, name, categoryId }) => ({ id: statusId, name, categoryId: categoryId ?? 0 })),
    listDeals: () => [...(portal.items.get(DEAL)?.values() ?? [])],
    deal: (id: number) => itemOf(portal, DEAL, id),
    createDeal: (fields: Fields) => addItem(portal, DEAL, fields),
    editDeal: (id: number, fields: Fields) => updateItem(portal, DEAL, id, fields),
    moveDeal: (id: number, stageId: string) =>
      updateItem(portal, DEAL, id, { stageId, categoryId: stageInfo(portal, DEAL, stageId)?.categoryId ?? 0 }),
    deleteDeal: (id: number) => removeItem(portal, DEAL, id),
    createContact: (fields: Fields) => addItem(portal, CONTACT, fields),
    createCompany: (fields: Fields) => addItem(portal, COMPANY, fields),
    createLead: (fields: Fields) => addItem(portal, LEAD, fields),
  };
}

/** A Bitrix24 portal on a loopback socket that behaves as the vendor's documentation says. */
export async function startBitrix24StandIn(options: Bitrix24StandInOptions = {}): Promise<Bitrix24StandIn> {
  const domain = options.domain ?? 'romashka.bitrix24.ru';
  const hooks = createHooks({
    domain,
    memberId: 'a223c6b3710f85df22e9377d6c4f7553',
    token: 'demo51856fefc120afa4b628cc82d3935',
  });
  const portal = newPortal({ now: options.now ?? (() => new Date()), tell: hooks.tell });
  if (options.seed !== 'empty') seedDemo(portal);
  const switches: Bitrix24StandIn['switches'] = {
    limited: options.limited ?? true,
    revoked: false,
    movedTo: null,
    outOfTime: [],
    scopes: options.scopes ?? ['crm', 'user'],
    starOmitsUserFields: false,
    noDetailsRights: false,
    noUserFieldRights: false,
    noHistoryCursor: false,
  };
  const session: Session = { portal, user: { id: '1', name: 'Иван', lastName: 'Петров' }, quirks: switches };
  const pour = leakyBucket();

  function call(name: string, params: Params): Answer {
    if (name === 'batch') return runBatch(params, call, () => timeOf(portal.now(), portal.now()));
    const method = methods[name.toLowerCase()];
    if (!method) throw new Refusal(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
    if (method.scope && !switches.scopes.includes(method.scope))
      throw new Refusal(
        403,
        'insufficient_scope',
        'The request requires higher privileges than provided by the webhook token',
      );
    if (switches.outOfTime.includes(name.toLowerCase()))
      throw new Refusal(429, 'OPERATION_TIME_LIMIT', 'Method is blocked due to operation time limit.');
    return method.run(session, params);
  }

  function rest(request: StandInRequest, faults: Faults): StandInResponse {
    const [, user, secret, name] = /^\/rest\/(\d+)\/([^/]+)\/([\w.]+?)(?:\.json)?\/?$/.exec(request.path) ?? [];
    if (switches.movedTo)
      return { status: 302, headers: { location: `https://${switches.movedTo}${request.path}` }, body: '' };
    if (!name) return { status: 404, body: '<html><body>404 Not Found</body></html>' };
    if (faults.limited || (switches.limited && !pour()))
      return refused(new Refusal(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests'));
    if (faults.tokenRefused || switches.revoked || user !== '1' || secret !== SECRET)
      return refused(new Refusal(401, 'NO_AUTH_FOUND', 'Wrong authorization data'));
    const started = portal.now();
    try {
      const answer = call(name, paramsOf(request));
      return { status: 200, body: { ...answer, time: timeOf(started, portal.now()) } };
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      throw error;
    }
  }

  const server = await serveStandIn(
    (request, faults) => (request.path.startsWith('/crm/') ? card(portal, request.path) : rest(request, faults)),
    { ...(options.port !== undefined && { port: options.port }) },
  );
  return {
    ...face(portal),
    url: server.url,
    restBase: `${server.url}/rest`,
    webhookUrl: `https://${domain}/rest/1/${SECRET}/`,
    domain,
    applicationToken: 'demo51856fefc120afa4b628cc82d3935',
    faults: server.faults,
    requests: server.requests,
    portal,
    hooks,
    switches,
    stop: async () => {
      await hooks.settled();
      await server.stop();
    },
  };
}
