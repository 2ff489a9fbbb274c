import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { type CreatioOffice, openCreatioOffice } from '../flows/testing/creatio-office.ts';
import { openConnection } from './open.ts';

let office: CreatioOffice;
beforeAll(async () => {
  office = await openCreatioOffice();
});
afterAll(() => office.stop());

/** What a process has opened is kept by its context. */
const anotherProcess = (): Context => ({ ...office.server.ctx });

/** Whether a record can be read through this process's connection. */
async function reads(ctx: Context, input: { connection: string; type: string; id: string }): Promise<boolean> {
  const { api, recordType } = await openConnection(ctx, input.connection);
  const type = await recordType(input.type);
  const found = type?.getMany ? await type.getMany(api, [input.id]) : [await type?.get?.(api, input.id)];
  return found[0]?.id === input.id;
}

it.each(['creatio', 'hubex'] as const)(
  '%s: asks for a token anew when both the one it knows and the one another process kept have ended',
  async (app) => {
    const { creatio, hubex } = office;
    const record =
      app === 'creatio'
        ? { connection: office.crm.creatio, type: 'contact', id: creatio.listContacts()[0]?.id ?? '' }
        : { connection: office.connections.hubex, type: 'task', id: String(hubex.listTasks()[0]?.id) };
    const endSessions = () => (app === 'creatio' ? creatio.gate.sessions.clear() : hubex.revokeTokens());
    const [idle, busy] = [anotherProcess(), anotherProcess()];
    expect(await reads(idle, record)).toBe(true);
    endSessions();
    expect(await reads(busy, record)).toBe(true);
    endSessions();
    expect(await reads(idle, record)).toBe(true);
  },
);
