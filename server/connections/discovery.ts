import { currentCall, recordCall } from '../../kit/call.ts';
import type { Connector } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { RecordType } from '../../kit/record-type.ts';

type Types = Map<string, RecordType<unknown>>;

/** Record types that only the live account knows, kept while the connection is open. */
export interface Discovery {
  /** In the connector's order, the usual ones first; `fresh` asks it to look again. */
  all(fresh?: boolean): Promise<RecordType<unknown>[]>;
  /** A type that is not known may have been made since: it is looked for once more, though not again and again. */
  find(key: string): Promise<RecordType<unknown> | undefined>;
}

/** The connector keeps what it read; this is how soon we hear of what it has read anew. */
const keptMilliseconds = 60_000;
/** How soon a missed one is looked for again: listing a grown account is a lot to read. */
const missedMilliseconds = 5 * 60_000;

export function createDiscovery(connector: Connector, api: unknown): Discovery {
  let kept: { at: number; types: Promise<Types> } | null = null;
  let missedAt = 0;

  async function look(fresh: boolean): Promise<Types> {
    const before = kept;
    const reading = { at: Date.now(), types: read(connector, { api, fresh }) };
    kept = reading;
    reading.types.catch(() => {
      if (kept === reading) kept = before;
    });
    return reading.types;
  }

  async function types(fresh: boolean): Promise<Types> {
    if (!fresh && kept && Date.now() - kept.at < keptMilliseconds) return patiently(kept.types);
    const before = kept;
    try {
      return await patiently(look(fresh));
    } catch (error) {
      // What was known serves while the account cannot be asked; that a type is gone only the account can say.
      if (fresh || !before) throw error;
      return before.types;
    }
  }

  return {
    all: async (fresh = false) => [...(await types(fresh)).values()],
    async find(key) {
      const found = (await types(false)).get(key);
      if (found || Date.now() - missedAt < missedMilliseconds) return found;
      const again = await types(true);
      missedAt = Date.now();
      return again.get(key);
    },
  };
}

/** A grown account takes its time to list: whoever asked first may give up, the list comes all the same. */
async function read(connector: Connector, { api, fresh }: { api: unknown; fresh: boolean }): Promise<Types> {
  const priority = currentCall()?.priority ?? 'run';
  const types = await recordCall(
    { priority, exchanges: [] },
    async () => (await connector.discover?.(api, { fresh })) ?? [],
  );
  return new Map(types.map((type) => [type.key, type as RecordType<unknown>]));
}

/** Waits as long as the one who asks. */
async function patiently<T>(work: Promise<T>): Promise<T> {
  const signal = currentCall()?.signal;
  if (!signal) return work;
  let giveUp = (): void => {};
  const outOfPatience = new Promise<never>((_, reject) => {
    giveUp = () => reject(stillListing());
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([work, outOfPatience]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

const stillListing = () =>
  new ConnectorError({
    kind: 'temporary',
    code: 'connection.still_listing',
    text: {
      en: 'The app is still listing its objects. Ask again in a minute.',
      ru: 'Приложение ещё перечисляет свои объекты. Повторите через минуту.',
    },
  });
