import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { task } from './records/task.ts';
import { connectTo, failureOf, openHubex } from './testing/bench.ts';

const minute = 60_000;
const tokenCalls = (requests: { path: string }[]) =>
  requests.filter(({ path }) => path.endsWith('/AccessTokens')).length;

describe('the access token', () => {
  test('is fetched once for many calls', async () => {
    const { standIn, api } = await openHubex({ seed: true });
    await api.countTasks();
    await api.dictionary('taskType');
    expect(tokenCalls(standIn.requests)).toBe(1);
  });

  test('is fetched anew after a 401, and the call repeated once', async () => {
    const { standIn, api } = await openHubex({ seed: true });
    await api.countTasks();
    standIn.revokeTokens();
    expect(await api.countTasks()).toBe(4);
    expect(tokenCalls(standIn.requests)).toBe(2);
  });

  test('is taken by HubEx five minutes longer than it lives, and no more', async () => {
    const { standIn, api } = await openHubex({ seed: true });
    await api.countTasks();
    standIn.tenant.clock.advance(34 * minute);
    await api.countTasks();
    expect(tokenCalls(standIn.requests)).toBe(1);
    standIn.tenant.clock.advance(2 * minute);
    await api.countTasks();
    expect(tokenCalls(standIn.requests)).toBe(2);
  });

  test('is renewed five minutes before its end', async () => {
    const { api } = await openHubex();
    let ends = 0;
    await api.connection.session.token(async () => ({ token: 'old', expiresAt: new Date(0) }));
    const { token } = api.connection.session;
    api.connection.session.token = (renew, stale) =>
      token(async () => {
        const renewed = await renew();
        ends = renewed.expiresAt.getTime();
        return renewed;
      }, stale);
    await api.countTasks();
    expect(ends - Date.now()).toBeGreaterThan(24 * minute);
    expect(ends - Date.now()).toBeLessThanOrEqual(25 * minute);
  });

  test.each(['\n', '\r\n', ' ', '\uFEFF'])(
    'is asked for with the service token of a file that has %j around it',
    async (extra) => {
      const { standIn } = await openHubex();
      const { serviceToken } = standIn;
      standIn.serviceToken = `${extra}${serviceToken}${extra}`;
      await connectTo(standIn).countTasks();
      const [asked] = standIn.requests;
      expect(JSON.parse(asked?.rawBody.toString() ?? '')).toEqual({ serviceToken });
    },
  );

  test('is not asked for with half a service token', async () => {
    const { standIn } = await openHubex();
    standIn.serviceToken = 'svc-first half\nsecond half';
    const failure = await failureOf(connectTo(standIn).countTasks());
    expect(failure).toMatchObject({ kind: 'reconnect', code: 'hubex.token_broken' });
    expect(standIn.requests).toEqual([]);
  });

  test('refused twice means that a person must reconnect', async () => {
    const { standIn, api } = await openHubex();
    await api.countTasks();
    standIn.faults.tokenRefused = true;
    expect(await failureOf(api.countTasks())).toMatchObject({ kind: 'reconnect', code: 'hubex.token_refused' });
  });
});

describe('check', () => {
  test('names the host and the tenant', async () => {
    const { standIn, api } = await openHubex({ seed: true });
    const host = new URL(standIn.url).host;
    expect(await check(api)).toEqual({ label: `${host}, № 342`, identity: `${host}#342` });
  });

  test('suggests the other X-Application-ID on 403', async () => {
    const { standIn, api } = await openHubex();
    standIn.settings.applicationIds = ['5'];
    const error = await failureOf(check(api));
    expect(error).toMatchObject({ kind: 'noAccess', code: 'hubex.application_id' });
    expect(error.message).toContain('Set it to 5');
    await check(connectTo(standIn, { fields: { applicationId: '5' } }));
  });

  test('sends no X-Application-ID when the field is empty', async () => {
    const { standIn } = await openHubex();
    standIn.settings.applicationIds = null;
    await check(connectTo(standIn, { fields: { applicationId: '' } }));
    expect(standIn.requests.every(({ headers }) => headers['x-application-id'] === undefined)).toBe(true);
  });

  test('tells a role without rights from a wrong application id', async () => {
    const { standIn, api } = await openHubex();
    await api.countTasks();
    standIn.faults.once.push({ status: 403, body: { code: 'AccessDenied', message: 'Нет полномочий' } });
    expect(await failureOf(api.dictionary('taskType'))).toMatchObject({
      kind: 'noAccess',
      code: 'hubex.access_denied',
    });
  });

  test('warns of a time zone that does not exist', async () => {
    const { standIn } = await openHubex({ seed: true });
    const { warnings } = await check(connectTo(standIn, { fields: { responseTimeZone: 'Mars/Olympus' } }));
    expect(warnings).toHaveLength(1);
    expect(
      await task.get?.(connectTo(standIn, { fields: { responseTimeZone: 'Mars/Olympus' } }), '5129'),
    ).toMatchObject({
      createdAt: expect.stringMatching(/Z$/),
    });
  });
});

describe('failures', () => {
  test.each([
    [429, undefined, 'rateLimited', 'notDone'],
    [500, undefined, 'temporary', 'unknown'],
    [409, { code: 'InvalidDatePeriod' }, 'rejected', 'notDone'],
    [404, { code: 'TaskNotFound' }, 'gone', 'notDone'],
    [404, '<html>', 'temporary', 'notDone'],
    [422, { code: 'X', message: 'Недопустимая разметка' }, 'rejected', 'notDone'],
  ])('%i %o is %s', async (status, body, kind, outcome) => {
    const { standIn, api } = await openHubex();
    await api.countTasks();
    standIn.faults.once.push({ status, body });
    expect(await failureOf(api.dictionary('taskType'))).toMatchObject({ kind, outcome });
  });

  test('a limit without Retry-After is waited out for a minute', async () => {
    const { standIn, api } = await openHubex();
    standIn.faults.limited = true;
    const { until } = await failureOf(api.countTasks());
    expect(Math.round(((until?.getTime() ?? 0) - Date.now()) / 1000)).toBe(60);
  });

  test('a body that is no known form is not taken for an empty one', async () => {
    const { standIn, api } = await openHubex();
    await api.countTasks();
    standIn.faults.once.push({ status: 200, body: { lastModified: { not: 'a time' } } });
    expect(await failureOf(api.getTask('1'))).toMatchObject({ kind: 'temporary', code: 'hubex.unexpected_answer' });
  });
});
