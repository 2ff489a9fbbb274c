import { afterAll, beforeAll, expect, it } from 'vitest';
import { inLanguage } from '../../kit/text.ts';
import { flowDraft, flowsApi } from './contract.ts';
import { dealToTask, type Office, openOffice } from './testing/office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.stop());

const tryIt = (draft: Record<string, unknown>) =>
  office.server.call(flowsApi.postTrial, { body: { draft: flowDraft.parse(draft) } });

it('tells of an empty required field of an app\u2019s own action what the run will tell', async () => {
  const draft = dealToTask(office, {
    filter: { combinator: 'and', rules: [{ field: 'title', operator: 'equals', value: 'Без комментария' }] },
  });
  const { connection } = (draft.steps as { connection: string }[])[0] ?? {};
  const message = {
    ...draft,
    trigger: { ...(draft.trigger as object), once: false },
    steps: [
      {
        id: 'a1',
        connection,
        action: 'task.sendMessage',
        settings: { audience: 'team' },
        mapping: { message: { kind: 'template', text: '{{ trigger.comments }}' } },
        duplicates: { mode: 'update', keys: [{ field: 'erpID', template: '{{ trigger.id }}' }] },
      },
    ],
  };
  const flow = await office.startFlow('Сообщение', message);
  const deal = office.bitrix24.createDeal({ title: 'Без комментария', stageId: 'C1:NEW', categoryId: 1 });
  const trial = await tryIt(message);
  expect(trial.record.id).toBe(String(deal.id));
  const problem = trial.steps[0]?.fields.message?.problem;
  expect(problem).toBeDefined();

  office.bitrix24.moveDeal(deal.id, 'C1:UC_SERVICE');
  await office.settle();
  const [run] = await office.runsOf(flow);
  expect(run?.state).toBe('rejected');
  const { reason } = await office.run(run?.id ?? '');
  expect(reason?.code).toBe('mapping');
  // The row says it without the field's name, the run with it.
  expect(inLanguage(reason?.text ?? '', 'en').toLowerCase()).toContain(
    inLanguage(problem ?? '?', 'en')
      .replace(/\.$/, '')
      .toLowerCase(),
  );
});

it('asks for the linked records of the chosen one alone', async () => {
  const draft = dealToTask(office);
  const { record } = await tryIt(draft);
  const asked = () => office.bitrix24.requests.length;
  const before = asked();
  await tryIt(draft);
  const forNewest = asked() - before;
  await office.server.call(flowsApi.postTrial, { body: { draft: flowDraft.parse(draft), record: record.id } });
  expect(asked() - before - forNewest).toBe(forNewest);
});
