import type { Json } from './field.ts';
import type { Bucket, Limiter } from './limiter.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'MERGE';
  url: string;
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  /** At most one of the three. `json` and `form` set the content type. */
  json?: unknown;
  form?: Record<string, string>;
  body?: string | Uint8Array;
  /** Whole exchange; default 30 s. */
  timeoutMs?: number;
  /** Values of this request that must not be recorded, beside the connection's secrets (a fresh token). */
  secrets?: string[];
  /** Masks the whole bodies of this exchange in the record: token requests. */
  hideBodies?: boolean;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  text: string;
  /** The parsed body, BOM cut; throws `ConnectorError` `http.not_json` (temporary, outcome unknown) when it is not JSON. */
  json(): Json;
}

/** The one way out of the house. Never throws for a status; a missing answer throws `ConnectorError` (temporary). */
export interface Http {
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpOptions {
  limiter: Limiter;
  bucket: Bucket | null;
  /** Strings that are masked wherever they occur in the record. */
  secrets: string[];
  /** Null: no guard (the address is the connector's own). */
  guard: AddressGuard | null;
}

/** Refuses private and link-local networks unless an administrator allowed them. */
export interface AddressGuard {
  /** Hosts and CIDRs from `MOSTIK_ALLOW_HOSTS`. */
  allowed: string[];
}
