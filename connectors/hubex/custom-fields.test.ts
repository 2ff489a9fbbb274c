import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { StandInResponse } from '../../kit/testing/stand-in.ts';
import { task } from './records/task.ts';
import { createTask, failureOf, type HubexBench, openHubex } from './testing/bench.ts';

const values = { notes: 'Не морозит витрина', erpID: 'deal-1', attribute_13: 'Д-15' };

/** The next write of custom fields is answered so. */
function answerFields({ standIn, api }: HubexBench, answer: StandInResponse): void {
  const set = api.setTaskAttributes;
  api.setTaskAttributes = (id, data) => {
    standIn.faults.once.push(answer);
    api.setTaskAttributes = set;
    return set(id, data);
  };
}

describe('custom fields of a new task', () => {
  test.each([
    ['rejected', { status: 409, body: { code: 'InvalidData', message: 'Поле не найдено' } }],
    ['noAccess', { status: 403, body: { code: 'AccessDeniedTaskAttribute' } }],
    ['rejected', { status: 404, body: { code: 'TaskNotFound' } }],
  ])('that are refused (%s) do not hide the task', async (kind, answer) => {
    const bench = await openHubex();
    answerFields(bench, answer);
    const failure = await failureOf(createTask(bench.api, values));
    const [made] = bench.standIn.listTasks();
    expect(failure).toMatchObject({
      kind,
      code: 'hubex.custom_fields_refused',
      field: 'attribute_13',
      written: { id: String(made?.id), label: made?.number },
    });
    const { en, ru } = failure.text as { en: string; ru: string };
    expect(en).toContain(`Task ${made?.number} was created in HubEx, but its custom fields «Номер договора»`);
    expect(ru).toContain(`Заявка ${made?.number} создана в HubEx`);
  });

  test.each([{ status: 500 }, { status: 429, headers: { 'retry-after': '1' } }])(
    'that meet %o are finished by a repeat, which makes no second task',
    async (answer) => {
      const bench = await openHubex();
      const repeatKey = randomUUID();
      answerFields(bench, answer);
      const failure = await failureOf(createTask(bench.api, values, repeatKey));
      // The create itself is done: it must not begin anew.
      expect(failure).toMatchObject({ outcome: 'unknown', written: undefined });
      const { id } = await createTask(bench.api, values, repeatKey);
      expect((await task.get?.(bench.api, id))?.values.attribute_13).toBe('Д-15');
      expect(bench.standIn.listTasks()).toHaveLength(1);
    },
  );
});
