import type { Json } from './field.ts';
import type { FormField, FormValues } from './form.ts';
import type { Text } from './text.ts';
import type { TriggerItem } from './trigger.ts';

/** A call that came to the connection's secret address. */
export interface HookRequest {
  method: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  query: Record<string, string>;
  /** The bytes as sent: signatures are checked over them. */
  rawBody: Buffer;
  /** The parsed body: JSON, or a form with PHP brackets opened into objects; null when it is neither. */
  body: Json;
}

/** What a call says. */
export type HookEvent =
  /** A record was touched; it is loaded before anything is decided. */
  | { kind: 'record'; recordType: string; recordId: string; event: 'created' | 'changed' | 'removed' }
  /** A happening of one of the connector's own triggers, complete in itself. */
  | { kind: 'item'; trigger: string; item: TriggerItem }
  /** Something changed that the call does not tell: this trigger asks now; without it, every one of the connection. */
  | { kind: 'pollNow'; trigger?: string };

export type HookVerdict = { ok: true } | { ok: false; status: 401 | 403 | 422; code: string; text: Text };

export interface HookConnection {
  fields: FormValues;
  secrets: Record<string, string>;
  /** The stable account behind the connection as `check` gave it (Bitrix24: the portal's host). */
  identity: string | null;
}

/** How a connector's webhook calls are checked and read. One address per connection. */
export interface Webhook {
  /** Steps to paste the address into the other app. `{address}` is replaced. */
  help: Text;
  /** Connection fields that belong to the webhook (a token to compare), shown beside the address. */
  fields?: FormField[];
  /** Keys whose values are cut from every body, query and header before anything is stored. */
  secretKeys: string[];
  /** Headers that `read` needs beside the usual ones, in lower case: an id header that a person named. */
  keepHeaders?(connection: HookConnection): string[];
  verify(request: HookRequest, connection: HookConnection): HookVerdict;
  /** Empty: understood, nothing to do. */
  read(request: HookRequest, connection: HookConnection): HookEvent[];
}
