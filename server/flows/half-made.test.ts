import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pairsApi, runsApi } from './contract.ts';
import { dealToTask, type Office, openOffice } from './testing/office.ts';

const serviceStage = 'C1:UC_SERVICE';

describe('a record that was made, though a part of it was refused', () => {
  let office: Office;

  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());

  it('is told of with its number, paired, and made no second time', async () => {
    const [step] = (dealToTask(office) as { steps: { mapping: object }[] }).steps;
    const flow = await office.startFlow(
      'Half made',
      dealToTask(office, {
        trigger: { connection: office.connections.bitrix24, trigger: 'deal.changed', mode: 'realTime', once: false },
        steps: [
          {
            ...step,
            mapping: { ...step?.mapping, attribute_13: { kind: 'constant', value: 'Д-15' } },
            duplicates: { mode: 'skip', keys: [] },
          },
        ],
      }),
    );
    // The administrator over there takes the field away; its description is kept here for a while.
    const { attributes } = office.hubex.tenant;
    attributes.splice(
      attributes.findIndex(({ id }) => id === 13),
      1,
    );
    const deal = office.bitrix24.createDeal({ title: 'Печь', stageId: 'C1:NEW', categoryId: 1, comments: 'Печь' });
    office.bitrix24.moveDeal(deal.id, serviceStage);
    await office.settle();
    const tasks = () => office.hubex.listTasks().filter(({ erpID }) => erpID === String(deal.id));
    const run = (await office.runsOf(flow)).find(({ record }) => record.id === String(deal.id));
    expect(run).toMatchObject({
      state: 'rejected',
      reason: { code: 'hubex.custom_fields_refused', field: 'attribute_13' },
    });
    expect(JSON.stringify(run?.reason?.text)).toContain(tasks()[0]?.number);
    const pairs = await office.server.call(pairsApi.listPairs, { params: { id: flow.id } });
    expect(pairs.items).toHaveLength(1);

    await office.server.call(runsApi.rerun, { params: { id: run?.id ?? '' }, body: { from: 'failedStep' } });
    await office.settle();
    office.bitrix24.editDeal(deal.id, { comments: 'Печь гаснет' });
    await office.settle();
    expect(tasks()).toHaveLength(1);
  });
});
