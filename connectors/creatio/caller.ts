import { z } from 'zod';
import type { ConnectionContext } from '../../kit/connector.ts';
import type { HttpRequest, HttpResponse } from '../../kit/http.ts';
import type { Dialect } from './dialect.ts';
import {
  type About,
  failureOf,
  isPage,
  isSessionLost,
  noSuchObject,
  notThere,
  sessionRefused,
  wrongAddress,
} from './errors.ts';
import type { Settings } from './settings.ts';
import { createSignIn } from './sign-in.ts';

export interface Question extends Pick<HttpRequest, 'method' | 'json' | 'body' | 'headers' | 'timeoutMs'> {
  /** Takes the body piece by piece, each try of its own from the beginning. */
  sink?: () => NonNullable<HttpRequest['sink']>;
  /** Under the site, the platform's prefix left out, query included. */
  path: string;
}

export interface Caller {
  /** The answer, checked: a body may tell of a failure at HTTP 200. */
  ask(question: Question): Promise<HttpResponse>;
  /** The same for a record that may not be there: 404 answers null. */
  askMaybe(question: Question): Promise<HttpResponse | null>;
  /** `https://site/0`, found out once and remembered. */
  root(): Promise<string>;
  /** The stand's clock, as far as its answers have told; ours until then. */
  now(): Date;
}

const platforms = { '/0': 'netframework', '': 'netcore' } as const;
const platformKey = 'platform';

/** What another process kept meanwhile may have ended too; what comes after that is surely new. */
const mostRenewals = 2;
const remembered = z.enum(['netframework', 'netcore']);

/** Carries questions to a stand: the session, the platform's prefix, failures. Which questions there are stands in `api/`. */
export function createCaller(input: {
  connection: ConnectionContext;
  settings: Settings;
  dialect: Dialect;
  about: About;
}): Caller {
  const { connection, settings, dialect, about } = input;
  const credentials = createSignIn(connection, settings, about);
  let clockShift = 0;
  let found: Promise<string> | null = null;

  const heed = (response: HttpResponse): HttpResponse => {
    const at = Date.parse(response.headers.date ?? '');
    if (!Number.isNaN(at)) clockShift = at - Date.now();
    return response;
  };

  async function send(base: string, question: Question, stale?: string) {
    const { headers, secrets, token } = await credentials(stale);
    const { method, path, json, body, timeoutMs } = question;
    const sink = question.sink && withHead(question.sink());
    const response = await connection.http.request({
      method,
      url: `${base}/${path}`,
      headers: { ForceUseSession: 'true', ...question.headers, ...headers },
      secrets,
      ...(json === undefined ? {} : { json }),
      ...(body === undefined ? {} : { body }),
      ...(sink ? { sink: sink.write } : {}),
      ...(timeoutMs ? { timeoutMs } : {}),
    });
    return { response: heed(sink ? sink.told(response) : response), token };
  }

  /** With a lost session the call is repeated: the sign-in page means that nothing was done. */
  async function exchange(base: string, question: Question): Promise<HttpResponse> {
    let sent = await send(base, question);
    for (let renewals = 0; isSessionLost(sent.response); renewals += 1) {
      if (settings.signIn.kind === 'basic' || renewals === mostRenewals) throw sessionRefused(about);
      sent = await send(base, question, sent.token);
    }
    return sent.response;
  }

  /** Which of the two ways the stand answers; a page of IIS or of the sign-in is no answer. */
  async function find(stale?: string, renewals = 0): Promise<string> {
    const known = settings.platform === 'auto' ? await connection.memory.get(platformKey) : settings.platform;
    const platform = remembered.safeParse(known).data;
    const prefixes = dialect.prefixes.filter((prefix) => platform === undefined || platforms[prefix] === platform);
    if (prefixes.length === 1) return `${settings.site}${prefixes[0]}`;
    const probes: Awaited<ReturnType<typeof send>>[] = [];
    for (const prefix of dialect.prefixes) {
      const base = `${settings.site}${prefix}`;
      const probe = { method: 'GET' as const, path: `${dialect.service}/`, headers: dialect.readHeaders };
      const { response, token } = await send(base, probe, probes.length === 0 ? stale : undefined);
      if (response.status < 300 && !isPage(response)) {
        await connection.memory.set(platformKey, platforms[prefix]);
        return base;
      }
      const passing = [429, 502, 503, 504].includes(response.status) ? failureOf(response, about) : null;
      if (passing) throw passing;
      probes.push({ response, token });
    }
    const lost = probes.find(({ response }) => isSessionLost(response));
    // A kept session that has ended looks the same under both.
    if (lost && renewals < mostRenewals && settings.signIn.kind !== 'basic') return find(lost.token, renewals + 1);
    if (lost?.response.status === 401) throw sessionRefused(about);
    throw notThere(about, probes[0]?.response.status ?? 0);
  }

  const root = (): Promise<string> => {
    found ??= find().catch((error: unknown) => {
      found = null;
      throw error;
    });
    return found;
  };

  /** A stand that moved to the other platform answers with pages: it is looked for again next time. */
  async function checked(response: HttpResponse): Promise<HttpResponse> {
    const failure = failureOf(response, about);
    if (!failure) return response;
    if (failure.code === wrongAddress && settings.platform === 'auto') {
      found = null;
      await connection.memory.set(platformKey, null);
    }
    throw failure;
  }

  return {
    root,
    now: () => new Date(Date.now() + clockShift),
    ask: async (question) => checked(await exchange(await root(), question)),
    async askMaybe(question) {
      const response = await exchange(await root(), question);
      // A page instead of an answer means a wrong address, and an unknown object is more than a missing record.
      const isRecordMissing =
        response.status === 404 && !isPage(response) && failureOf(response, about)?.code !== noSuchObject;
      return isRecordMissing ? null : checked(response);
    },
  };
}

/** What is read piece by piece leaves no text behind, and a page of sign-in must be seen in its place too. */
function withHead(write: (chunk: Buffer) => void) {
  let head = '';
  return {
    write(chunk: Buffer): void {
      if (head.length < 300) head += chunk.toString('utf8', 0, 300);
      write(chunk);
    },
    told: (response: HttpResponse): HttpResponse =>
      /^\s*<(!doctype\s+)?html/i.test(head) ? { ...response, text: head } : response,
  };
}
