import { QueryClient, queryOptions, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { z } from 'zod';
import { connectionsApi } from '../server/connections/contract.ts';
import {
  attentionApi,
  backfillApi,
  flowsApi,
  type LiveEvent,
  liveEvent,
  pairsApi,
  runsApi,
} from '../server/flows/contract.ts';
import { type Endpoint, type Problem, problemSchema } from '../server/http/contract.ts';
import { noticesApi } from '../server/notices/contract.ts';
import { settingsApi } from '../server/settings/contract.ts';
import type { Text } from './ui/text.ts';

type Part<Name extends string, Schema extends z.ZodType> =
  undefined extends z.input<Schema>
    ? { [name in Name]?: z.input<Schema> }
    : Record<never, never> extends z.input<Schema>
      ? { [name in Name]?: z.input<Schema> }
      : { [name in Name]: z.input<Schema> };

/** What an endpoint must be called with, by its contract. */
export type Input<E extends Endpoint> = Part<'params', E['params']> &
  Part<'query', E['query']> &
  Part<'body', E['body']>;
export type Output<E extends Endpoint> = z.output<E['response']>;
type Arguments<E extends Endpoint> = Record<never, never> extends Input<E> ? [input?: Input<E>] : [input: Input<E>];

/** An answer that is not the good one, with words for the person. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly text: Text;
  readonly errors: NonNullable<Problem['errors']>;
  readonly items: NonNullable<Problem['items']>;

  constructor(problem: Pick<Problem, 'status' | 'code' | 'text' | 'errors' | 'items'>, cause?: unknown) {
    super(typeof problem.text === 'string' ? problem.text : problem.text.en, { cause });
    this.name = 'ApiProblem';
    this.status = problem.status;
    this.code = problem.code;
    this.text = problem.text;
    this.errors = problem.errors ?? [];
    this.items = problem.items ?? [];
  }
}

const unreachable: Text = {
  en: 'The Mostik server cannot be reached. Check that it runs and that this computer is online.',
  ru: 'Сервер Мостика недоступен. Проверьте, что он запущен, и что этот компьютер в сети.',
};
const unreadable: Text = {
  en: 'The server answered in a way this page does not understand. Reload the page; if it happens again, look into the server log.',
  ru: 'Сервер ответил так, что страница его не поняла. Обновите страницу; если не поможет, посмотрите журнал сервера.',
};

let signedOut = (): void => {};
/** The router says here where a person goes when her session has ended. */
export function whenSignedOut(listener: () => void): void {
  signedOut = listener;
}

function addressOf(endpoint: Endpoint, params: Record<string, unknown>, query: Record<string, unknown>): string {
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value));
  return `/api/v1${path}${search.size > 0 ? `?${search}` : ''}`;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  const problem = problemSchema.safeParse(body);
  if (problem.success) return new ApiProblem(problem.data);
  // A proxy answers 502–504 in its own words while our server is down.
  const text = response.status >= 502 && response.status <= 504 ? unreachable : unreadable;
  return new ApiProblem({ status: response.status, code: 'unreadable', text });
}

async function ask<E extends Endpoint>(
  endpoint: E,
  input: Input<E> | undefined,
  signal?: AbortSignal,
): Promise<Output<E>> {
  const { params, query, body } = (input ?? {}) as { params?: object; query?: object; body?: unknown };
  const response = await fetch(addressOf(endpoint, { ...params }, { ...query }), {
    method: endpoint.method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiProblem({ status: 0, code: 'unreachable', text: unreachable }, cause);
  });
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.status === 401 && endpoint.right !== 'public') signedOut();
    throw problem;
  }
  if (response.status === 204) return undefined as Output<E>;
  return (await response.json().catch((cause: unknown) => {
    throw new ApiProblem({ status: response.status, code: 'unreadable', text: unreadable }, cause);
  })) as Output<E>;
}

/** Calls an endpoint of a contract: `call(flowsApi.getFlow, { params: { id } })`. Throws `ApiProblem`. */
export function call<E extends Endpoint>(endpoint: E, ...[input]: Arguments<E>): Promise<Output<E>> {
  return ask(endpoint, input);
}

/** The same as a query: `useQuery(queryOf(flowsApi.listFlows))`. Its key is `[path, input]`. */
export function queryOf<E extends Endpoint>(endpoint: E, ...[input]: Arguments<E>) {
  return queryOptions({
    queryKey: [endpoint.path, input ?? {}] as const,
    queryFn: ({ signal }) => ask(endpoint, input, signal),
  });
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (times, error) => times < 2 && error instanceof ApiProblem && (error.status === 0 || error.status >= 502),
    },
  },
});

/** Which queries an event of each kind makes old. */
const touchedBy: Record<LiveEvent['kind'], string[]> = {
  run: [
    runsApi.listRuns.path,
    runsApi.getRun.path,
    attentionApi.listAttention.path,
    attentionApi.countAttention.path,
    settingsApi.getOverview.path,
    flowsApi.listFlows.path,
  ],
  flow: [
    flowsApi.listFlows.path,
    flowsApi.getFlow.path,
    backfillApi.getBackfill.path,
    pairsApi.listPairs.path,
    noticesApi.listNotices.path,
    settingsApi.getOverview.path,
  ],
  connection: [
    connectionsApi.listConnections.path,
    connectionsApi.getConnection.path,
    noticesApi.listNotices.path,
    settingsApi.getOverview.path,
  ],
};

/** Keeps the screens in step: asks anew, at most once a second, for what the server says has changed. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      const paths = new Set(stale);
      stale.clear();
      void client.invalidateQueries({ predicate: (query) => paths.has(String(query.queryKey[0])) });
    };
    const source = new EventSource('/api/v1/live');
    source.onmessage = (message: MessageEvent<string>) => {
      const event = liveEvent.safeParse(JSON.parse(message.data));
      if (!event.success) return;
      for (const path of touchedBy[event.data.kind]) stale.add(path);
      timer ??= setTimeout(refresh, 1000);
    };
    // After a broken line events may have been missed: ask for everything on the screen.
    let broken = false;
    source.onerror = () => {
      broken = true;
    };
    source.onopen = () => {
      if (broken)
        void client.invalidateQueries({ type: 'active', predicate: (query) => isLive(String(query.queryKey[0])) });
      broken = false;
    };
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [client]);
}

const livePaths = new Set(Object.values(touchedBy).flat());
const isLive = (path: string): boolean => livePaths.has(path);
