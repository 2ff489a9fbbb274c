import qs from 'qs';
import { request } from 'undici';
import { entityNames, type Happened } from './portal.ts';

export interface Handler {
  url: string;
  /** The "application token" that the portal shows beside the outgoing webhook. */
  token: string;
  events: string[];
}

/** What the form of an outgoing webhook offers; moving a deal to another pipeline is not among it. */
export const offeredEvents: string[] = Object.values(entityNames).flatMap((name) =>
  ['ADD', 'UPDATE', 'DELETE'].map((event) => `ONCRM${name}${event}`),
);

export interface Sent {
  event: string;
  id: number;
  url: string;
  /** null: nobody answered. The portal does not try again. */
  status: number | null;
}

export interface Hooks {
  register(handler: { url: string; token?: string; events?: string[] }): Handler;
  handlers: Handler[];
  tell(happened: Happened, entityTypeId: number, id: number): void;
  log: Sent[];
  /** Resolves when everything that happened so far has been sent once. */
  settled(): Promise<void>;
}

const eventName = (happened: Happened, entityTypeId: number): string => `ONCRM${entityNames[entityTypeId]}${happened}`;

/** Outgoing webhooks: a form with PHP brackets, sent once, no retries (api-reference/events/index.md). */
export function createHooks(options: { domain: string; memberId: string; token: string }): Hooks {
  const handlers: Handler[] = [];
  const log: Sent[] = [];
  const pending = new Set<Promise<void>>();

  async function send(handler: Handler, event: string, id: number): Promise<void> {
    const body = qs.stringify({
      event,
      event_handler_id: String(handlers.indexOf(handler) + 201),
      data: { FIELDS: { ID: String(id) } },
      ts: String(Math.floor(Date.now() / 1000)),
      auth: {
        domain: options.domain,
        client_endpoint: `https://${options.domain}/rest/`,
        server_endpoint: 'https://oauth.bitrix.info/rest/',
        member_id: options.memberId,
        application_token: handler.token,
      },
    });
    const entry: Sent = { event, id, url: handler.url, status: null };
    try {
      const answer = await request(handler.url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Bitrix24 Webhook Engine' },
        body,
        headersTimeout: 10_000,
      });
      entry.status = answer.statusCode;
      await answer.body.dump();
    } catch {
      // The vendor sends once and forgets; that nobody answered is seen in the log.
    }
    log.push(entry);
    if (log.length > 200) log.shift();
  }

  return {
    handlers,
    log,
    register({ url, token = options.token, events = offeredEvents }) {
      const handler: Handler = { url, token, events };
      handlers.push(handler);
      return handler;
    },
    tell(happened, entityTypeId, id) {
      const event = eventName(happened, entityTypeId);
      for (const handler of handlers) {
        if (!handler.events.includes(event)) continue;
        const sending = send(handler, event, id).finally(() => pending.delete(sending));
        pending.add(sending);
      }
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
