import type { Memory } from '../../kit/connector.ts';
import type { Context } from '../context.ts';

/** The durable facts of one connection. */
export function connectionMemory(ctx: Context, connectionId: string): Memory {
  return {
    async get(key) {
      const row = await ctx.db
        .selectFrom('connection_memory')
        .select('value')
        .where('connection_id', '=', connectionId)
        .where('key', '=', key)
        .executeTakeFirst();
      return row?.value;
    },
    async set(key, value) {
      await ctx.db
        .insertInto('connection_memory')
        .values({ connection_id: connectionId, key, value: JSON.stringify(value) })
        .onConflict((conflict) =>
          conflict
            .columns(['connection_id', 'key'])
            .doUpdateSet({ value: JSON.stringify(value), changed_at: new Date() }),
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
