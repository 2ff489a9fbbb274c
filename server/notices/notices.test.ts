import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StandInServer, serveStandIn } from '../../kit/testing/stand-in.ts';
import { watchSilence } from '../flows/silence.ts';
import { tellPaused } from '../flows/states.ts';
import { dealToTask, type Office, openOffice } from '../flows/testing/office.ts';
import { raiseNotice } from '../notice.ts';
import { settingsApi } from '../settings/contract.ts';
import { eventually } from '../testing/index.ts';
import { noticesApi } from './contract.ts';
import { deliverUnsent } from './delivery.ts';

/** The least of a mail server: takes every message and keeps its text. */
async function startMailbox(): Promise<{ url: string; mails: string[]; stop(): void }> {
  const mails: string[] = [];
  const server = createServer((socket) => {
    let inBody = false;
    let text = '';
    socket.write('220 mailbox\r\n');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const said = chunk.toString();
      if (inBody) {
        text += said;
        if (!text.endsWith('\r\n.\r\n')) return;
        mails.push(text);
        [inBody, text] = [false, ''];
        return void socket.write('250 taken\r\n');
      }
      if (/^data/i.test(said)) {
        inBody = true;
        return void socket.write('354 go on\r\n');
      }
      if (/^quit/i.test(said)) return void socket.end('221 bye\r\n');
      socket.write('250 ok\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, mails, stop: () => void server.close() };
}

describe('troubles are told', () => {
  let office: Office;
  let mailbox: Awaited<ReturnType<typeof startMailbox>>;
  let target: StandInServer;
  beforeAll(async () => {
    office = await openOffice({ jobs: true });
    mailbox = await startMailbox();
    target = await serveStandIn(() => ({ status: 200, body: {} }));
    await office.server.call(noticesApi.patchAlerts, {
      body: {
        email: 'owner@example.com',
        from: 'mostik@example.com',
        smtp: mailbox.url,
        webhook: `${target.url}/alert`,
      },
    });
  });
  afterAll(async () => {
    await office.stop();
    mailbox.stop();
    await target.stop();
  });
  const notices = () => office.server.call(noticesApi.listNotices);

  it('by mail and by webhook, and says what came of a trial', async () => {
    expect(await office.server.call(noticesApi.testAlerts)).toMatchObject({
      mail: { sent: true },
      webhook: { sent: true },
    });
    expect(mailbox.mails).toHaveLength(1);
    expect(mailbox.mails[0]).toContain('owner@example.com');
    const alerts = await office.server.call(noticesApi.getAlerts);
    expect(alerts).toMatchObject({ smtpSet: true });
    expect(JSON.stringify(alerts)).not.toContain(mailbox.url);
    await office.server.call(noticesApi.patchAlerts, { body: { webhook: 'http://127.0.0.1:9/' } });
    expect(await office.server.call(noticesApi.testAlerts)).toMatchObject({
      mail: { sent: true },
      webhook: { sent: false },
    });
    await office.server.call(noticesApi.patchAlerts, { body: { webhook: `${target.url}/alert` } });
  });

  it('once while they last: a flow paused by the brake', async () => {
    await office.server.call(settingsApi.patchSettings, { body: { brakePerHour: 1 } });
    const flow = await office.startFlow('Braked', dealToTask(office, { filter: null }));
    for (const deal of office.bitrix24.listDeals().slice(0, 4))
      office.bitrix24.editDeal(Number(deal.id), { comments: 'Срочно' });
    await office.settle();
    const { items, unread } = await notices();
    const paused = items.filter(({ kind, flow: id }) => kind === 'flow.paused' && id === flow.id);
    expect(paused).toHaveLength(1);
    expect(unread).toBeGreaterThan(0);
    const posted = () => target.requests.some(({ rawBody }) => rawBody.toString().includes('flow.paused'));
    const mails = mailbox.mails.length;
    await eventually(() => posted() && mailbox.mails.length > 2, { within: 20_000 });
    expect(mailbox.mails.length - mails).toBeLessThanOrEqual(1);
    await office.server.call(noticesApi.readNotices);
    expect((await notices()).unread).toBe(0);
  });

  describe('by two ways of which one is down', () => {
    const told = (text: string) => target.requests.filter(({ rawBody }) => rawBody.toString().includes(text)).length;
    const mailed = (subject: string) => mailbox.mails.filter((mail) => mail.includes(subject)).length;
    const again = async () => {
      await office.server.ctx.pool.query('update notices set send_next_at = now() where sent_at is null');
      await deliverUnsent(office.server.ctx);
    };

    it('again until both have taken it, the other one not twice, and the settings say why', async () => {
      const { ctx, call } = office.server;
      await call(noticesApi.patchAlerts, { body: { webhook: 'http://127.0.0.1:9/' } });
      const flow = await office.startFlow('Twice', dealToTask(office));
      await raiseNotice(ctx, { kind: 'flow.paused', flowId: flow.id, text: 'Only by mail so far' });
      await eventually(async () => (await call(noticesApi.getAlerts)).failures.webhook, { within: 20_000 });
      expect((await call(noticesApi.getAlerts)).failures.mail).toBeNull();
      for (const _ of [1, 2, 3, 4]) await again();
      expect(mailed(flow.id)).toBe(1);
      await call(noticesApi.patchAlerts, { body: { webhook: `${target.url}/alert` } });
      await again();
      expect([mailed(flow.id), told(flow.id)]).toEqual([1, 1]);
      expect((await call(noticesApi.getAlerts)).failures).toEqual({ mail: null, webhook: null });
    });

    it('also when the process died before it asked for the alert, or for the notice', async () => {
      const { ctx } = office.server;
      const flow = await office.startFlow('Untold', dealToTask(office));
      await ctx.pool.query(
        `insert into notices (kind, subject, text, flow_id) values ('runs.attention', $1::uuid::text, '"Never asked for"', $1::uuid)`,
        [flow.id],
      );
      await ctx.pool.query(`update flows set state = 'paused', paused = $2 where id = $1`, [
        flow.id,
        { code: 'brake', text: 'Too many', at: new Date().toISOString() },
      ]);
      await tellPaused(ctx);
      await again();
      await eventually(() => told(flow.id) === 2, { within: 20_000 });
    });
  });

  it('when a trigger is silent against its own rhythm, and not before', async () => {
    const { server } = office;
    const flow = await office.startFlow('Quiet', {
      trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime' },
      steps: dealToTask(office).steps,
    });
    // Ten events, an hour apart; the last one `hours` ago.
    const history = async (hours: number) => {
      await server.ctx.pool.query('delete from run_history where flow_id = $1', [flow.id]);
      await server.ctx.pool.query(
        `insert into run_history (id, flow_id, version_id, record_key, event, source, state, attempts, created_at, finished_at)
         select 900000 + n, $1, 1, n::text, 'webhook.received', 'webhook', 'done', 1,
           now() - make_interval(hours => n + $2), now() from generate_series(0, 9) as n`,
        [flow.id, hours],
      );
      await server.ctx.pool.query(
        `update triggers set event_at = null, started_at = now() - interval '20 days' where flow_id = $1`,
        [flow.id],
      );
      await watchSilence(server.ctx);
      return (await notices()).items.find(({ kind, flow: id }) => kind === 'trigger.silent' && id === flow.id);
    };
    expect(await history(1)).toBeUndefined();
    expect(await history(3)).toMatchObject({ settledAt: null });
    expect(await history(0)).toMatchObject({ settledAt: expect.any(String) as string });
  });
});
