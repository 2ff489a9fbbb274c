import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionsApi } from '../connections/contract.ts';
import { callToItem } from '../flows/testing/drafts.ts';
import { type Office, openOffice } from '../flows/testing/office.ts';
import { cutSecrets } from './hook-request.ts';

describe('calls of other apps', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());

  async function webhookWith(fields: Record<string, string>, secrets: Record<string, string> = {}) {
    const { id, hook } = await office.server.call(connectionsApi.postConnection, {
      body: { connector: 'webhook', auth: 'none', name: JSON.stringify(fields), fields, secrets, check: false },
    });
    return { id, address: `${office.server.url}${new URL(hook?.address ?? '').pathname}` };
  }
  const send = (address: string, body: string, more: RequestInit = {}) =>
    fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body, ...more });

  it('are told apart by ids that no number holds', async () => {
    const { id, address } = await webhookWith({ idPath: '$.id' });
    await send(address, '{"id":12345678901234567788,"name":"Первый"}');
    const flow = await office.startFlow('Длинные номера', callToItem(office, { trigger: { connection: id } }));
    await send(address, '{"id":12345678901234567789,"name":"Второй"}');
    await send(address, '{"id":12345678901234567790,"name":"Третий"}');
    await office.settle();
    const runs = await office.runsOf(flow);
    expect(runs.map(({ record }) => record?.id).sort()).toEqual(['12345678901234567789', '12345678901234567790']);
  });

  it('are taken whatever the letter case of their type, and also as DELETE', async () => {
    const { id, address } = await webhookWith({ idHeader: 'x-case' });
    const headers = { 'content-type': 'Application/X-WWW-Form-Urlencoded; Charset=UTF-8' };
    expect((await send(address, 'a[b]=1', { headers })).status).toBe(200);
    expect((await send(address, '{"gone":7}', { method: 'DELETE' })).status).toBe(200);
    const { rows } = await office.server.ctx.pool.query(
      `select body from deliveries where connection_id = $1 order by id`,
      [id],
    );
    expect(rows.map(({ body }) => body)).toEqual(['{"a":{"b":"1"}}', '{"gone":7}']);
  });

  it('keep no secret of a body that nobody can read', () => {
    const kept = (text: string) => {
      const request = { method: 'POST', headers: {}, query: {}, rawBody: Buffer.from(text), body: null };
      return cutSecrets(request, { secretKeys: ['access_token'], keepHeaders: [] }).rawBody.toString();
    };
    expect(kept('<event><ACCESS_TOKEN>k7q2</ACCESS_TOKEN></event>')).toBe('[48 bytes with a secret]');
    expect(kept('<event>1</event>')).toBe('<event>1</event>');
  });

  it('are refused in words when they are nested beyond all data', async () => {
    const { address } = await webhookWith({});
    const answer = await send(address, `${'['.repeat(5000)}${']'.repeat(5000)}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'http.too_deep' });
  });

  it('end their run when the answer to it is nested beyond all data', async () => {
    const { id, address } = await webhookWith({ idHeader: 'x-id' });
    await send(address, '{"name":"Анна"}');
    const mapping = { url: { kind: 'constant', value: `${office.target.url}/deep` } };
    const flow = await office.startFlow('Глубокий ответ', {
      trigger: { connection: id, trigger: 'webhook.received', mode: 'realTime' },
      steps: [{ id: 'a1', connection: office.connections.webhook, action: 'request.send', mapping }],
    });
    const asked = office.target.requests.length;
    office.target.faults.once.push({ status: 200, body: `${'['.repeat(20_000)}${']'.repeat(20_000)}` });
    await send(address, '{"name":"Анна"}');
    await office.settle();
    await office.server.passTime(3600);
    await office.settle();
    expect(await office.runsOf(flow)).toMatchObject([{ state: 'done' }]);
    expect(office.target.requests).toHaveLength(asked + 1);
  });
});
