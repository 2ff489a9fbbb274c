import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Flow, flowsApi, type RunSummary } from './contract.ts';
import { type CreatioOffice, openCreatioOffice } from './testing/creatio-office.ts';
import { postCall } from './testing/drafts.ts';
import { type Client, type DuplicateTarget, duplicateTargets } from './testing/duplicate-targets.ts';

const template = (text: string) => ({ kind: 'template', text });

/** One engine for every target: a call of a site becomes a client in each app, by the same rules. */
describe.each(['Bitrix24', 'HubEx', 'Creatio', 'Webhook'] as const)('duplicates in %s', (app) => {
  let office: CreatioOffice;
  let target: DuplicateTarget;
  const started: Flow[] = [];

  beforeAll(async () => {
    office = await openCreatioOffice();
    target = duplicateTargets(office)[app];
    await postCall(office);
  });
  afterEach(async () => {
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  type Names = keyof Client;
  /** The rule in our names; `leaves` is not mapped. */
  async function start(rule: {
    mode: 'create' | 'skip' | 'upsert' | 'update';
    several?: 'first' | 'newest' | 'stop';
    fields?: Partial<Record<Names, string>>;
    leaves?: Names;
  }): Promise<Flow> {
    const { fields, keys, connection, action, settings } = target;
    const names = (Object.keys(fields) as Names[]).filter((name) => name !== rule.leaves);
    const flow = await office.startFlow(`${app} ${rule.mode}`, {
      trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime' },
      steps: [
        {
          id: 'a1',
          connection,
          action,
          settings,
          mapping: Object.fromEntries(names.map((name) => [fields[name], template(`{{ trigger.${name} }}`)])),
          duplicates: {
            mode: rule.mode,
            several: rule.several ?? 'first',
            keys: (['phone', 'email'] as const).map((key) => ({ field: keys[key], template: `{{ trigger.${key} }}` })),
            fields: Object.fromEntries(
              Object.entries(rule.fields ?? {}).map(([name, how]) => [fields[name as Names], how]),
            ),
          },
        },
      ],
    });
    started.push(flow);
    return flow;
  }
  let next = 0;
  const fresh = (): Client => {
    next += 1;
    const phone = `+7928${String(1_000_000 + next)}`;
    return { name: `Клиент ${next}`, phone, email: `dup${next}@example.com`, note: '' };
  };
  const inOtherWords = (phone: string) => `8 (${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8)}`;
  async function call(flow: Flow, client: Client): Promise<RunSummary> {
    await postCall(office, client);
    await office.settle();
    return (await office.runsOf(flow))[0] as RunSummary;
  }
  const named = (name: string) => target.all().filter((one) => one.name === name);
  const byId = (id: string) => target.all().find((one) => one.id === id);
  const lookOf = async (run: RunSummary) => (await office.run(run.id)).trace.find(({ kind }) => kind === 'duplicate');

  it('skip: finds by the first key in any spelling, else by the next one, and says by which', async () => {
    const flow = await start({ mode: 'skip' });
    const known = fresh();
    const id = target.add({ ...known, email: '' });
    const byPhone = await call(flow, { ...fresh(), phone: inOtherWords(known.phone) });
    expect(byPhone).toMatchObject({ state: 'skipped', reason: { code: 'duplicate' } });
    expect((await lookOf(byPhone))?.found?.map((one) => one.id)).toEqual([id]);

    const other = fresh();
    const otherId = target.add({ ...other, phone: '' });
    const byMail = await call(flow, { ...fresh(), email: other.email.toUpperCase() });
    expect(byMail).toMatchObject({ state: 'skipped', reason: { code: 'duplicate' } });
    const look = await lookOf(byMail);
    expect(look?.found?.map((one) => one.id)).toEqual([otherId]);
    expect(JSON.stringify(look?.why)).toContain(other.email.toUpperCase());

    // Both keys have a record: the first key decides.
    const both = await call(flow, { ...fresh(), phone: known.phone, email: other.email });
    expect((await lookOf(both))?.found?.map((one) => one.id)).toEqual([id]);
    const nobody = fresh();
    expect((await call(flow, nobody)).state).toBe('done');
    expect(named(nobody.name)).toHaveLength(1);
  });

  // The others keep one number in a field, and Creatio's keys are lists already.
  // Bitrix24 alone keeps several phones and e-mails in the fields that are searched by.
  if (app === 'Bitrix24')
    it('finds by a second phone and a second e-mail', async () => {
      const flow = await start({ mode: 'skip' });
      const [known, second] = [fresh(), fresh()];
      const id = target.add(known, second);
      for (const key of [{ phone: inOtherWords(second.phone) }, { email: second.email.toUpperCase() }]) {
        const run = await call(flow, { ...fresh(), ...key });
        expect(run).toMatchObject({ state: 'skipped', reason: { code: 'duplicate' } });
        const look = await lookOf(run);
        expect(look?.found?.map((one) => one.id)).toEqual([id]);
        expect(JSON.stringify(look?.why)).toContain('phone' in key ? second.phone : second.email.toUpperCase());
      }
    });

  it('upsert: each field by its rule, and nothing is sent when nothing would change', async () => {
    const flow = await start({
      mode: 'upsert',
      fields: { name: 'keep', email: 'ifEmpty', note: 'append', phone: 'overwrite' },
    });
    const known = fresh();
    const id = target.add({ ...known, email: '', note: 'раз' });
    const count = target.all().length;
    expect((await call(flow, { ...known, name: 'Другое имя', note: 'два' })).state).toBe('done');
    expect(byId(id)).toMatchObject({ name: known.name, email: known.email });
    expect(byId(id)?.note).toMatch(/раз\s+два/);
    const before = structuredClone(byId(id));
    const again = await call(flow, {
      ...known,
      name: 'Третье имя',
      phone: inOtherWords(known.phone),
      email: 'other@example.com',
      note: 'два',
    });
    expect(again).toMatchObject({ state: 'done', reason: { code: 'same' } });
    expect(byId(id)).toEqual(before);
    expect(target.all()).toHaveLength(count);
  });

  it('update only: changes what is found and makes nothing', async () => {
    const flow = await start({ mode: 'update' });
    const known = fresh();
    const id = target.add({ ...known, email: '' });
    const count = target.all().length;
    expect((await call(flow, { ...known, name: 'Стал другим' })).state).toBe('done');
    expect(byId(id)).toMatchObject({ name: 'Стал другим' });
    expect(await call(flow, fresh())).toMatchObject({ state: 'skipped', reason: { code: 'no_target' } });
    expect(target.all()).toHaveLength(count);
  });

  it('create always: looks for nothing', async () => {
    const flow = await start({ mode: 'create' });
    const known = fresh();
    target.add(known);
    expect(await call(flow, known)).toMatchObject({ state: 'done', reason: { code: 'created' } });
    expect(named(known.name)).toHaveLength(2);
  });

  it('looks by a field that is not mapped', async () => {
    const flow = await start({ mode: 'skip', leaves: 'email' });
    const known = fresh();
    target.add({ ...known, phone: '' });
    const run = await call(flow, { ...fresh(), email: known.email });
    expect(run).toMatchObject({ state: 'skipped', reason: { code: 'duplicate' } });
  });

  describe('several records with one key', () => {
    async function twins(several: 'first' | 'newest' | 'stop') {
      const flow = await start({ mode: 'upsert', several });
      const known = fresh();
      const ids = [target.add({ ...known, email: '' }), target.add({ ...known, email: '' })];
      const run = await call(flow, { ...known, email: '', name: `Выбран ${several}` });
      return { run, ids, changed: named(`Выбран ${several}`).map(({ id }) => id) };
    }

    it('takes the first that the app gives', async () => {
      const { run, ids, changed } = await twins('first');
      expect(run.state).toBe('done');
      expect(changed).toHaveLength(1);
      expect(ids).toContain(changed[0]);
    });

    // An item over HTTP tells no times, so none is newer than the other.
    // A record over HTTP has no time of its own to tell the newest by.
    if (app !== 'Webhook')
      it('takes the newest', async () => {
        const { ids, changed } = await twins('newest');
        expect(changed).toEqual([ids[1]]);
      });

    it('stops, shows them all and changes none', async () => {
      const { run, ids, changed } = await twins('stop');
      expect(run).toMatchObject({ state: 'rejected', reason: { code: 'duplicate.several' } });
      expect(changed).toEqual([]);
      expect((await lookOf(run))?.found?.map(({ id }) => id).sort()).toEqual([...ids].sort());
    });
  });
});
