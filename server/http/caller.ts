import type { FastifyRequest } from 'fastify';
import type { Person } from '../accounts/contract.ts';
import type { Right } from './contract.ts';

/** A known person, with what they may do. */
export interface SignedIn extends Person {
  administrator: boolean;
}

/** Who asks, and how we know: by a browser's session or by an API key. */
export interface Caller {
  person: SignedIn;
  by: 'session' | 'key';
}

/** Finds out who asks; `cookies` are passed on to the browser (a session that was renewed or has ended). */
export type Identify = (request: FastifyRequest) => Promise<{ caller: Caller | null; cookies: string[] }>;

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Who may call; every route under /api must say it. */
    right?: Right;
  }
  interface FastifyInstance {
    /** Every registered route under /api. */
    endpoints: { method: string; path: string; right: Right }[];
  }
}
