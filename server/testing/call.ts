import type { z } from 'zod';
import { type Endpoint, type Problem, problemSchema } from '../http/contract.ts';

type Part<Name extends string, Schema extends z.ZodType> =
  undefined extends z.input<Schema>
    ? { [name in Name]?: z.input<Schema> }
    : Record<never, never> extends z.input<Schema>
      ? { [name in Name]?: z.input<Schema> }
      : { [name in Name]: z.input<Schema> };

type Input<E extends Endpoint> = Part<'params', E['params']> & Part<'query', E['query']> & Part<'body', E['body']>;
type Arguments<E extends Endpoint> = Record<never, never> extends Input<E> ? [input?: Input<E>] : [input: Input<E>];

/** Calls an endpoint of a contract and gives its checked answer; a refusal is thrown as `CallRefused`. */
export type Call = <E extends Endpoint>(endpoint: E, ...input: Arguments<E>) => Promise<z.output<E['response']>>;

/** The API said no. `problem` is null when it was not even problem details. */
export class CallRefused extends Error {
  override name = 'CallRefused';
  readonly status: number;
  readonly problem: Problem | null;

  constructor(what: string, status: number, body: string) {
    super(`${what} answered ${status}: ${body.slice(0, 2000)}`);
    this.status = status;
    const parsed = problemSchema.safeParse(parse(body));
    this.problem = parsed.success ? parsed.data : null;
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** `call` for one caller: `headers` say who asks. */
export function callerOf(url: string, headers: Record<string, string>): Call {
  return async (endpoint, ...[input]) => {
    const { params, query, body } = (input ?? {}) as { params?: object; query?: object; body?: unknown };
    const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(String((params as Record<string, unknown> | undefined)?.[name])),
    );
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) search.set(name, String(value));
    const response = await fetch(`${url}/api/v1${path}${search.size > 0 ? `?${search}` : ''}`, {
      method: endpoint.method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new CallRefused(`${endpoint.method} ${path}`, response.status, text);
    return endpoint.response.parse(text === '' ? undefined : JSON.parse(text)) as never;
  };
}
