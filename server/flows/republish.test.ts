import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../testing/index.ts';
import { flowDraft, flowsApi } from './contract.ts';
import { dealToItem } from './testing/drafts.ts';
import { startMortalWorker } from './testing/mortal-worker.ts';
import { type Office, openOffice } from './testing/office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice({ works: false });
});
afterAll(() => office.stop());

const draft = (note: string) =>
  dealToItem(office, {
    step: { mapping: { name: { kind: 'constant', value: 'Версии' }, note: { kind: 'template', text: note } } },
  });

it('an event after republishing is for the new version, also when it joins a run that waits for its turn', async () => {
  const { pool } = office.server.ctx;
  const flow = await office.startFlow('Versions', draft('1: {{ trigger.comments }}'));
  const { id } = office.bitrix24.createDeal({ title: 'Версии', stageId: 'C1:NEW', categoryId: 1, comments: 'раз' });
  const queued = () => pool.query('select version_id from runs where flow_id = $1', [flow.id]);
  await office.bitrix24.hooks.settled();
  const deliveries = async () => (await pool.query('select from deliveries')).rowCount ?? 0;
  const edit = async (comments: string) => {
    const before = await deliveries();
    office.bitrix24.editDeal(id, { comments });
    await office.bitrix24.hooks.settled();
    await eventually(async () => (await deliveries()) > before);
  };
  await edit('два');
  expect((await queued()).rows).toHaveLength(1);

  const params = { id: flow.id };
  await office.server.call(flowsApi.patchFlow, {
    params,
    body: { draft: flowDraft.parse(draft('2: {{ trigger.comments }}')) },
  });
  await office.server.call(flowsApi.saveFlow, { params });
  await edit('три');
  expect((await queued()).rows).toHaveLength(1);

  const worker = await startMortalWorker(office);
  await worker.drain();
  await worker.stop();
  expect(office.target.items.filter(({ name }) => name === 'Версии').map(({ note }) => note)).toEqual(['2: три']);
  expect((await office.runsOf(flow)).map(({ state }) => state)).toEqual(['done']);
});
