import { describe, expect, test } from 'vitest';
import { moveToStage } from './actions/move-to-stage.ts';
import { company } from './records/company.ts';
import { task } from './records/task.ts';
import { createTask, failureOf, openHubex } from './testing/bench.ts';

const denied = { status: 403, body: { code: 'AccessDeniedAssetList', message: 'Нет прав' } };

describe('the form of a task', () => {
  test('lists what can be chosen', async () => {
    const { api } = await openHubex();
    const fields = await task.describe(api, {});
    expect(fields.find(({ key }) => key === 'criticality')?.choices).toContainEqual({ id: '4', label: 'Авария' });
    expect(fields.find(({ key }) => key === 'asset')).toMatchObject({
      openChoices: true,
      choices: expect.arrayContaining([{ id: '1022', label: 'Чиллер Carrier 30RB' }]),
    });
  });

  test.each([
    ['GET ES/Assets', 'asset'],
    ['GET SLA/Criticalities', 'criticality'],
    ['GET WORK/TaskTypes', 'taskType'],
  ])('opens though the role may not %s', async (call, key) => {
    const { standIn, api } = await openHubex();
    const all = await task.describe(api, {});
    standIn.settings.answers[call] = denied;
    const fields = await task.describe(api, {});
    expect(fields.map((field) => field.key)).toEqual(all.map((field) => field.key));
    expect(fields.find((field) => field.key === key)).not.toHaveProperty('choices');
    expect(fields.filter(({ choices }) => choices)).toHaveLength(all.filter(({ choices }) => choices).length - 1);
  });

  test('opens without custom fields, and so do other forms without their directory', async () => {
    const { standIn, api } = await openHubex();
    for (const path of ['TSTG/TaskStages', 'ES/CompanyRegistrationTypes', 'COMMON/Attributes']) {
      standIn.settings.answers[`GET ${path}`] = denied;
    }
    expect((await moveToStage.describe(api, {})).map(({ key }) => key)).toEqual(['stage', 'notes']);
    expect((await company.describe(api, {})).find(({ key }) => key === 'registrationType')).toMatchObject({
      required: true,
    });
    expect((await task.describe(api, {})).filter(({ custom }) => custom)).toEqual([]);
  });

  test('offers no empty list, which would refuse everything', async () => {
    const { standIn, api } = await openHubex();
    standIn.tenant.assets.clear();
    standIn.tenant.criticalities.splice(0);
    const fields = await task.describe(api, {});
    for (const key of ['asset', 'criticality']) {
      expect(fields.find((field) => field.key === key)).not.toHaveProperty('choices');
    }
  });

  test('does not open where access is refused for another reason', async () => {
    const { standIn, api } = await openHubex();
    standIn.settings.answers['GET ES/Assets'] = { status: 403, body: '<html>Forbidden</html>' };
    expect(await failureOf(task.describe(api, {}))).toMatchObject({ code: 'hubex.application_id' });
  });
});

test('an asset beyond the listed ones is written by its id', async () => {
  const { standIn, api } = await openHubex();
  for (let id = 10_001; id <= 10_600; id++) standIn.tenant.assets.set(id, { id, name: `Кофемашина ${id}` });
  const asset = (await task.describe(api, {})).find(({ key }) => key === 'asset');
  expect(asset?.choices).toHaveLength(500);
  expect(asset?.openChoices).toBe(true);
  const { id } = await createTask(api, { notes: 'x', asset: { id: '10600', label: '10600' } });
  expect((await task.get?.(api, id))?.values.asset).toEqual({ id: '10600', label: 'Кофемашина 10600' });
});
