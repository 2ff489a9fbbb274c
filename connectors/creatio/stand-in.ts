import { randomBytes } from 'node:crypto';
import {
  type Faults,
  type StandInRequest,
  type StandInResponse,
  type StandInServer,
  serveStandIn,
} from '../../kit/testing/stand-in.ts';
import { queryText } from './dialect.ts';
import { createFace, type Face } from './stand-in/face.ts';
import { answerDoor, createGate, endSessions, type Gate, turnAway } from './stand-in/gate.ts';
import { answerOdata3, type Odata3Rules, odata3Rules } from './stand-in/odata3.ts';
import { answerOdata4, type Odata4Rules, odata4Rules } from './stand-in/odata4.ts';
import { createProcessCalls, type ProcessCalls } from './stand-in/process-calls.ts';
import { Refusal } from './stand-in/refusal.ts';
import { answerObjects, answerSchema } from './stand-in/runtime-schema.ts';
import { seedStand } from './stand-in/seed.ts';
import { answerService, createServices, type Services } from './stand-in/services.ts';
import { createStand, type Stand } from './stand-in/stand.ts';

interface Running extends StandInServer, Face {
  gate: Gate;
  /** The whole state, for assertions. */
  stand: Stand;
  /** Captions over DataService. */
  captions: { given: boolean };
  /** Business processes that call out. */
  processes: ProcessCalls;
  services: Services;
  endSessions(): void;
}

export interface CreatioStandIn extends Running {
  rules: Odata4Rules;
}

export interface BpmonlineStandIn extends Running {
  rules: Odata3Rules;
}

export interface StandInOptions {
  port?: number;
  /** A small service company in it; default yes. */
  seed?: boolean;
  platform?: 'netframework' | 'netcore';
  password?: string;
  clientSecret?: string;
  now?: () => Date;
}

const notFoundPage: StandInResponse = {
  status: 404,
  headers: { 'content-type': 'text/html' },
  body: '<html><body><h1>404 - File or directory not found.</h1></body></html>',
};

/** A small stateful Creatio that behaves as the vendor page says; what the page leaves open is a switch. */
export function startCreatioStandIn(options: StandInOptions = {}): Promise<CreatioStandIn> {
  const rules = odata4Rules();
  return start({
    options,
    rules,
    service: 'odata',
    answer: (stand, root, request, path) => answerOdata4({ stand, rules, root }, request, path),
    say: (message) => ({ error: { code: '', message } }),
    unknownSet: (name) => ({
      Message: 'No HTTP resource was found that matches the request URI.',
      MessageDetail: `No type was found that matches the controller named '${name}'.`,
    }),
  });
}

/** bpm’online of the years before: the same stand behind EntityDataService.svc, always under `/0`. */
export function startBpmonlineStandIn(options: Omit<StandInOptions, 'platform'> = {}): Promise<BpmonlineStandIn> {
  const rules = odata3Rules();
  return start({
    options,
    rules,
    service: 'ServiceModel/EntityDataService.svc',
    answer: (stand, root, request, path) => answerOdata3({ stand, rules, root }, request, path),
    say: verbose,
    // The same as of a record that is not there.
    unknownSet: (name) => verbose(`Resource not found for the segment '${name}Collection'.`),
  });
}

const verbose = (value: string) => ({ error: { code: '', message: { lang: 'ru-RU', value } } });

interface Version<Rules> {
  options: StandInOptions;
  rules: Rules;
  service: string;
  answer(stand: Stand, root: string, request: StandInRequest, path: string): StandInResponse;
  say(message: string): unknown;
  unknownSet(name: string): unknown;
}

async function start<Rules>(version: Version<Rules>): Promise<Running & { rules: Rules }> {
  const { options, rules, service } = version;
  const stand = createStand(options.now ? { now: options.now } : {});
  seedStand(stand, { records: options.seed ?? true });
  const secret = () => randomBytes(12).toString('base64url');
  const gate = createGate({
    platform: options.platform ?? 'netframework',
    password: options.password ?? secret(),
    clientSecret: options.clientSecret ?? secret(),
  });
  const captions = { given: true };
  const processes = createProcessCalls();
  const services = createServices();
  stand.onSaved = processes.onSaved;

  const refuse = (refusal: Refusal): StandInResponse => {
    switch (refusal.kind) {
      case 'odata':
        return { status: refusal.status, body: version.say(refusal.message) };
      case 'aspnet': {
        const ExceptionType = 'Terrasoft.Common.ItemNotFoundException';
        const body = {
          Message: 'An error has occurred.',
          ExceptionMessage: refusal.message,
          ExceptionType,
          StackTrace: '…',
        };
        return { status: refusal.status, body };
      }
      case 'set':
        return { status: 404, body: version.unknownSet(refusal.message) };
      case 'page':
        return notFoundPage;
    }
  };

  const route = (request: StandInRequest, refused: boolean): StandInResponse => {
    const door = answerDoor(gate, request, refused);
    if (door) return door;
    if (queryText(Object.fromEntries(request.query)).length > gate.rules.longestQuery) return notFoundPage;
    const prefix = gate.rules.platform === 'netframework' ? '/0/' : '/';
    const isWrong = !request.path.startsWith(prefix) || (prefix === '/' && request.path.startsWith('/0/'));
    if (isWrong)
      return request.path.startsWith('/Login')
        ? (turnAway(gate, request, { refused, isOdata: false }) ?? notFoundPage)
        : notFoundPage;
    const path = request.path.slice(prefix.length);
    const away = turnAway(gate, request, { refused, isOdata: path.startsWith(`${service}/`) });
    if (away) return away;
    if (path === 'DataService/json/SyncReply/RuntimeEntitySchemaRequest' && captions.given)
      return answerSchema(stand, request);
    if (path === 'DataService/json/SyncReply/EntitySchemaManagerRequest' && captions.given) return answerObjects(stand);
    const served = answerService({ stand, services }, request, path);
    if (served) return served;
    if (!path.startsWith(`${service}/`)) return notFoundPage;
    const root = `${server.url}${prefix === '/0/' ? '/0' : ''}`;
    return version.answer(stand, root, request, path.slice(service.length + 1));
  };

  const handle = (request: StandInRequest, faults: Faults): StandInResponse => {
    if (faults.limited) return { status: 429, headers: { 'content-type': 'text/plain' }, body: 'Too Many Requests' };
    try {
      return route(request, faults.tokenRefused);
    } catch (error) {
      if (error instanceof Refusal) return refuse(error);
      throw error;
    }
  };
  const server = await serveStandIn((request, faults) => {
    const answered = handle(request, faults);
    return { ...answered, headers: { ...answered.headers, date: stand.clock.now().toUTCString() } };
  }, options);

  return Object.assign(server, createFace(stand), {
    gate,
    stand,
    rules,
    captions,
    processes,
    services,
    endSessions: () => endSessions(gate),
  });
}
