import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionsApi } from '../connections/contract.ts';
import { dealToItem } from './testing/drafts.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('a portal that was renamed', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());
  const secretOf = (webhookUrl: string) => new URL(webhookUrl).pathname.split('/')[3] ?? '';
  const inDatabase = async (table: string, column: string): Promise<string> => {
    const { rows } = await office.server.ctx.pool.query(`select ${column}::text as words from ${table}`);
    return rows.map(({ words }) => words).join('\n');
  };

  it('sends on to the new address, whose path holds the secret: nothing that is told or kept shows it', async () => {
    const secret = secretOf(office.bitrix24.webhookUrl);
    const params = { id: office.connections.bitrix24 };
    await office.startFlow('Опрос', dealToItem(office, { trigger: { mode: 'poll' } }));
    office.bitrix24.switches.movedTo = 'romashka-new.bitrix24.ru';
    await office.askAgain();
    const { failure } = await office.server.call(connectionsApi.checkConnection, { params });
    office.bitrix24.switches.movedTo = null;
    expect(JSON.stringify(failure)).toContain('romashka-new.bitrix24.ru');
    const kept = {
      check: JSON.stringify(failure),
      connection: await inDatabase('connections', 'failure'),
      trigger: await inDatabase('triggers', 'failure'),
      notices: await inDatabase('notices', 'text'),
    };
    for (const [where, words] of Object.entries(kept)) {
      expect(words, where).toContain('romashka-new.bitrix24.ru');
      expect(words, where).not.toContain(secret);
    }
  });

  it('words of the app that hold a secret are masked before they are kept', async () => {
    const secret = secretOf(office.bitrix24.webhookUrl);
    const words = `Webhook ${office.bitrix24.webhookUrl} may not do this`;
    office.bitrix24.faults.once.push({ status: 403, body: { error: 'ACCESS_DENIED', error_description: words } });
    await office.server.ctx.pool.query('update connections set needs_reconnect = false');
    await office.askAgain();
    const kept = await inDatabase('triggers', 'failure');
    expect(kept).toContain('may not do this');
    expect(kept).not.toContain(secret);
    expect(await inDatabase('connections', 'failure')).not.toContain(secret);
  });

  it('is reconnected at its new address once an administrator says that it is the same one', async () => {
    const params = { id: office.connections.bitrix24 };
    const flow = await office.startFlow('Сделки', dealToItem(office));
    const webhookUrl = office.bitrix24.webhookUrl.replace(office.bitrix24.domain, 'romashka-new.bitrix24.ru');
    const body = { secrets: { webhookUrl }, check: true };
    const refused = office.server.call(connectionsApi.patchConnection, { params, body });
    await expect(refused).rejects.toMatchObject({ problem: { code: 'connection.other_account' } });
    const renamed = await office.server.call(connectionsApi.patchConnection, {
      params,
      body: { ...body, sameAccount: true },
    });
    expect(renamed).toMatchObject({ account: 'romashka-new.bitrix24.ru, Иван Петров', health: 'works' });
    // From now on its events carry the new name, and are taken.
    const event = new URLSearchParams({
      event: 'ONCRMDEALUPDATE',
      'data[FIELDS][ID]': String(office.bitrix24.listDeals()[0]?.id),
      'auth[domain]': 'romashka-new.bitrix24.ru',
      'auth[application_token]': office.bitrix24.applicationToken,
    });
    await expect
      .poll(async () => (await fetch(office.hooks.bitrix24, { method: 'POST', body: event })).status)
      .toBe(200);
    await office.settle();
    expect((await office.runsOf(flow)).map(({ state }) => state)).toContain('done');
  });
});
