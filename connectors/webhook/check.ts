import type { Account } from '../../kit/connector.ts';
import { isGood, type WebhookApi } from './api.ts';

/** One identity for all: another address is still the same connection, since its flows say what they send where. */
const identity = 'webhook';

/** Asks the address of the app, when there is one; to receive there is nothing to ask. */
export async function check(api: WebhookApi): Promise<Account> {
  const { address } = api.connection.fields;
  if (typeof address !== 'string' || address === '') return { label: 'HTTP', identity };
  const { host } = new URL(address);
  const response = await api.send({ method: 'GET', url: address });
  if (isGood(response)) return { label: host, identity };
  switch (response.status) {
    case 400:
    case 404:
    case 405:
      // The root of an API often answers so; the host is there and let us in.
      return {
        label: host,
        identity,
        warnings: [
          {
            en: `${host} answers ${response.status} at this address itself. That may be well: requests name a path under it.`,
            ru: `На сам этот адрес ${host} отвечает ${response.status}. Возможно, так и надо: в запросах указывается путь под ним.`,
          },
        ],
      };
    default:
      throw api.failure(response, address);
  }
}
