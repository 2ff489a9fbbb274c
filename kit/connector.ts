import type { Action } from './action.ts';
import type { Json } from './field.ts';
import type { FormField, FormValues } from './form.ts';
import type { Http } from './http.ts';
import type { Bucket } from './limiter.ts';
import type { RecordType } from './record-type.ts';
import type { Text } from './text.ts';
import type { Trigger } from './trigger.ts';
import type { Webhook } from './webhook.ts';

/** One way to connect: the form a person fills in. */
export interface AuthKind {
  key: string;
  label: Text;
  /** Where to find the values, step by step (Markdown). */
  help: Text;
  fields: FormField[];
}

/** Small durable facts of one connection: which address made which location, which PATCH style works. */
export interface Memory {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
}

/** A token that lives for a while, shared and renewed once over all processes. Values are sealed at rest. */
export interface Session {
  /** The live token, or a new one from `renew`. `stale` is a token that the other side just refused: never returned again. */
  token(renew: () => Promise<{ token: string; expiresAt: Date }>, stale?: string): Promise<string>;
}

/** What a connector gets to work with: one connection. */
export interface ConnectionContext {
  id: string;
  /** Grows with every change by a person, so that what one form was refused is told from what the next one is. */
  revision: number;
  fields: FormValues;
  secrets: Record<string, string>;
  /** By key of `Connector.endpoints`, default or overridden. */
  endpoints: Record<string, string>;
  http: Http;
  memory: Memory;
  session: Session;
  /** ISO 3166 country of the installation for phones written without one. */
  defaultCountry: string;
}

export interface Account {
  /** The account behind the connection, for people: `romashka.bitrix24.ru, Иван Петров`. */
  label: string;
  /** Stable key of the account: reconnecting to another one is refused. */
  identity: string;
  /** What works but deserves a word: a missing scope, a token that ends soon. */
  warnings?: Text[];
}

export interface Connector<Api = unknown> {
  key: string;
  label: Text;
  description: Text;
  /** Two letters and a colour for the app's mark. */
  mark: { letters: string; color: string };
  auth: AuthKind[];
  /** Base URLs an administrator may override (national clouds, on-premises installs, tests). */
  endpoints: { key: string; label: Text; default?: string }[];
  /** Users type this connector's addresses themselves: calls pass the private-network guard. */
  guarded: boolean;
  /** The limiter's bucket, shared by all connections and processes that have the same key. */
  limit(connection: {
    fields: FormValues;
    secrets: Record<string, string>;
    endpoints: Record<string, string>;
  }): Bucket | null;
  connect(connection: ConnectionContext): Api;
  /** Asks the other side who we are; a failure says which thing is wrong: address, token, rights, limit. */
  check(api: Api): Promise<Account>;
  records: Record<string, RecordType<Api>>;
  triggers: Record<string, Trigger<Api>>;
  actions: Record<string, Action<Api>>;
  /**
   * Record types that only the live account knows, the usual ones first. Asked often: the connector keeps what it read;
   * `fresh` is a wish to look again, when a type is missed.
   */
  discover?(api: Api, options?: { fresh?: boolean }): Promise<RecordType<Api>[]>;
  webhook?: Webhook;
}

/** Keeps the connector's own `Api` type checked inside its folder and opaque outside. */
// The shelf holds connectors of different Api types; only the connector itself calls with its own.
export const connector = <Api>(definition: Connector<Api>): Connector<any> => definition;
