import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Field } from '../../kit/field.ts';
import { checkValues } from '../../kit/testing/check-value.ts';
import { type StandInServer, serveStandIn } from '../../kit/testing/stand-in.ts';
import { type Api, methods } from './api.ts';
import { company } from './records/company.ts';
import { deal } from './records/deal.ts';
import { lead } from './records/lead.ts';
import { connectTo } from './stand-in/connect.ts';
import { dealEnteredStage } from './triggers/entered-stage.ts';

const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./samples/${name}.response.json`, import.meta.url), 'utf8'));

const answers: Record<string, string> = {
  'crm.item.fields': 'crm-item-fields-1',
  'crm.deal.userfield.list': 'crm-deal-userfield-list-1',
  'crm.lead.userfield.list': 'crm-deal-userfield-list-1',
  'crm.company.userfield.list': 'crm-deal-userfield-list-1',
  'crm.category.list': 'crm-category-list-1',
  'crm.status.list': 'crm-status-list-1',
  'crm.item.list': 'crm-item-list-1',
  'crm.item.get': 'crm-item-get-1',
  'crm.item.add': 'crm-item-add-1',
  'crm.item.update': 'crm-item-update-10',
  'crm.stagehistory.list': 'crm-stage-history-list-1',
  'crm.duplicate.findbycomm': 'crm-duplicate-find-by-comm-1',
  'user.current': 'user-current-1',
};

let server: StandInServer | undefined;
afterEach(async () => server?.stop());

const resultOf = (command: string): unknown => {
  const name = answers[command.split('?')[0] ?? ''];
  return name ? (sample(name) as { result: unknown }).result : [];
};

/** A portal that answers each method with its sample; a batch is put together from them, with `[]` for empty maps. */
async function openSamples(): Promise<Api> {
  server = await serveStandIn(({ path, rawBody }) => {
    const method = path.split('/').at(-1) ?? '';
    const name = answers[method];
    if (method !== 'batch') return { status: 200, body: name ? sample(name) : { result: [] } };
    const { cmd } = JSON.parse(rawBody.toString()) as { cmd: Record<string, string> };
    const result = Object.fromEntries(Object.entries(cmd).map(([key, command]) => [key, resultOf(command)]));
    return {
      status: 200,
      body: { result: { result, result_error: [], result_total: [], result_next: [], result_time: [] } },
    };
  });
  return connectTo({
    webhookUrl: 'https://some-domain.bitrix24.com/rest/1/secretsecret/',
    restBase: `${server.url}/rest`,
  });
}

const byKey = (fields: Field[], key: string) => fields.find((field) => field.key === key);

describe('the vendor’s samples', () => {
  test('fields: references, dictionaries and what is derived', async () => {
    const fields = await deal.describe(await openSamples(), {});
    expect(byKey(fields, 'contact')).toMatchObject({ type: 'reference', target: 'contact', label: 'Contact' });
    expect(byKey(fields, 'contacts')).toMatchObject({ type: 'reference', target: 'contact', list: true });
    expect(byKey(fields, 'company')).toMatchObject({ type: 'reference', target: 'company' });
    expect(byKey(fields, 'mycompany')).toMatchObject({ type: 'reference', target: 'company' });
    expect(byKey(fields, 'parentId2')).toMatchObject({ type: 'reference', target: 'deal' });
    expect(byKey(fields, 'parentId1248')).toMatchObject({ type: 'number' });
    expect(byKey(fields, 'assignedBy')).toMatchObject({ type: 'number' });
    expect(byKey(fields, 'observers')).toMatchObject({ type: 'number', list: true });
    expect(byKey(fields, 'closedate')).toMatchObject({ type: 'date' });
    expect(byKey(fields, 'updatedTime')).toMatchObject({ type: 'datetime', readOnly: true, derived: true });
    expect(byKey(fields, 'createdTime')?.derived).toBeUndefined();
    expect(fields.filter((field) => field.key === 'contacts')).toHaveLength(1);
    expect(byKey(fields, 'opened')?.required).toBeUndefined();
  });

  test('stages of all pipelines are choices by name, headed by the pipeline', async () => {
    const fields = await deal.describe(await openSamples(), {});
    const stages = byKey(fields, 'stage')?.choices ?? [];
    expect(stages).toContainEqual({ id: 'PREPARATION', label: 'Document preparation', group: 'General' });
    expect(new Set(stages.map((stage) => stage.group))).toEqual(
      new Set(['Funnel with Original Name', 'Lead Route', 'Path to Success', 'General']),
    );
    expect(byKey(fields, 'category')?.choices).toContainEqual({ id: '0', label: 'General' });
  });

  test('a lead by id: phones, times in UTC, the day of a date, plain comments', async () => {
    const api = await openSamples();
    const record = await lead.get?.(api, '250');
    expect(record).toMatchObject({
      id: '250',
      label: 'Lead #250',
      changedAt: '2024-07-22T16:00:08Z',
      values: {
        title: 'Lead #250',
        phone: '+6111111111',
        phoneWork: '+6111111111',
        phones: ['+6111111111'],
        email: 'admin@example.com',
        emails: ['admin@example.com'],
        opportunity: 999.9,
        opened: true,
        movedTime: '2024-07-22T15:00:08Z',
      },
    });
    expect(record?.values).not.toHaveProperty('company');
    const fields = await lead.describe(api, {});
    expect(checkValues(fields, record?.values ?? {})).toEqual([]);
  });

  test('a list, where fields that were not selected are absent', async () => {
    const records = (await lead.newest?.(await openSamples(), { limit: 50, settings: {} })) ?? [];
    expect(records.map((record) => record.id)).toEqual(['253', '255', '252', '254']);
    expect(records[1]?.values).toMatchObject({ title: 'Lead #255', opportunity: 19600, isManualOpportunity: true });
  });

  test('what a create and an update answer', async () => {
    const api = await openSamples();
    const input = { values: { title: 'x' }, settings: {}, repeatKey: 'k' };
    const created = await deal.create?.(api, input);
    expect(created).toMatchObject({
      id: '342',
      record: { values: { closedate: '2024-07-30', begindate: '2024-06-18', contacts: [{ id: '4' }, { id: '5' }] } },
    });
    const updated = await deal.update?.(api, { id: '351', values: { title: 'y' }, current: null, settings: {} });
    expect(updated).toMatchObject({ id: '351', label: 'REST Deal #1' });
  });

  test('the stage history', async () => {
    const items = await dealEnteredStage.newest?.(await openSamples(), { limit: 5, settings: {} });
    expect(items).toEqual([
      {
        key: '35',
        recordId: '21',
        at: '2024-04-25T14:59:11Z',
        details: {
          stage: { id: 'NEW', label: 'New', group: 'Funnel with Original Name' },
          category: { id: '0', label: 'General' },
          enteredAt: '2024-04-25T14:59:11Z',
        },
      },
    ]);
  });

  test('duplicates by phone, with ids as numbers', async () => {
    const { value } = await (await openSamples()).run(methods.findByComm({}));
    expect(value).toEqual({ CONTACT: [275, 2297] });
  });

  test('a batch with empty maps as []', async () => {
    server = await serveStandIn(() => ({ status: 200, body: sample('batch-1') }));
    const api = connectTo({
      webhookUrl: 'https://a.bitrix24.com/rest/1/secretsecret/',
      restBase: `${server.url}/rest`,
    });
    const answer = await api.batch({ get_user: methods.userCurrent() });
    expect(answer.failures).toEqual({});
    expect(answer.next).toEqual({});
    expect(answer.values.get_user).toMatchObject({ NAME: 'John', LAST_NAME: 'Doe' });
  });

  test('enumerations carry the words, lists their values', async () => {
    const api = await openSamples();
    const users = await api.run(methods.userFieldList(2));
    const radio = users.value.find((field) => field.FIELD_NAME === 'UF_CRM_1724077760');
    expect(radio?.LIST?.[1]).toMatchObject({ ID: '3159', VALUE: 'Shanson Radio' });
    expect(await company.describe(api, {})).not.toHaveLength(0);
  });
});
