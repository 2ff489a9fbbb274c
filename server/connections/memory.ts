import type { Memory } from '../../kit/connector.ts';
import type { Context } from '../context.ts';
import { toJsonb, toText } from '../db/jsonb.ts';

/** The durable facts of one connection. */
export function connectionMemory(ctx: Context, connectionId: string): Memory {
  return {
    async get(name) {
      const key = toText(name);
      const row = await ctx.db
        .selectFrom('connection_memory')
        .select('value')
        .where('connection_id', '=', connectionId)
        .where('key', '=', key)
        .executeTakeFirst();
      return row?.value;
    },
    async set(name, content) {
      // An address that a customer typed may hold anything, PostgreSQL's text may not.
      const key = toText(name);
      const value = toJsonb(content);
      await ctx.db
        .insertInto('connection_memory')
        .values({ connection_id: connectionId, key, value })
        .onConflict((conflict) =>
          conflict.columns(['connection_id', 'key']).doUpdateSet({ value, changed_at: new Date() }),
        )
        .execute();
    },
  };
}

/** The memory of a connection that is only being tried: forgotten with the request. */
export function passingMemory(): Memory {
  const facts = new Map<string, Awaited<ReturnType<Memory['get']>>>();
  return {
    get: async (key) => facts.get(key),
    set: async (key, value) => void facts.set(key, value),
  };
}
