import { describe, expect, test } from 'vitest';
import type { Values } from '../../kit/field.ts';
import type { RecordType } from '../../kit/record-type.ts';
import type { HubexApi } from './api.ts';
import { company } from './records/company.ts';
import { contact } from './records/contact.ts';
import { createInput, openHubex } from './testing/bench.ts';

describe('a company', () => {
  test('keeps on an update what was not said', async () => {
    const { standIn, api } = await openHubex();
    await company.update?.(api, { id: '17', values: { tin: '7800000000' }, current: null, settings: {} });
    expect(standIn.tenant.companies.get(17)).toMatchObject({
      name: 'Кофейня «Зерно»',
      tin: '7800000000',
      phone: '+78123334455',
    });
  });
});

describe('after a lost answer', () => {
  const recover = (api: HubexApi, type: RecordType<HubexApi>, values: Values) =>
    type.repeat.kind === 'recover' ? type.repeat.recover(api, createInput(values)) : expect.fail();
  const romashka = { name: 'ООО «Ромашка»', erpID: 'crm-77', registrationType: { id: '2', label: 'ООО' } };

  test('a company is found whatever the text search looks through', async () => {
    const { api } = await openHubex();
    const { id } = (await company.create?.(api, createInput(romashka))) ?? expect.fail();
    expect(await recover(api, company, romashka)).toMatchObject({ id });
    expect(await recover(api, company, { ...romashka, erpID: 'crm-78' })).toBe('notDone');
    expect(await recover(api, company, { ...romashka, tin: '7801000001' })).toBe('notDone');
    expect(await recover(api, company, { name: romashka.name })).toBe('unknown');
    await company.create?.(api, createInput(romashka));
    expect(await recover(api, company, romashka)).toBe('unknown');
  });

  test('a contact is found though HubEx spells its phone in its own way', async () => {
    const { api } = await openHubex();
    const kovalev = { fullName: 'Ковалёв Пётр', phone: '8 (921) 555-00-10' };
    const { id } = (await contact.create?.(api, createInput(kovalev))) ?? expect.fail();
    expect(await recover(api, contact, { ...kovalev, phone: '+79215550010' })).toMatchObject({ id });
    expect(await recover(api, contact, { ...kovalev, phone: '+79215550011' })).toBe('notDone');
    expect(await recover(api, contact, { fullName: kovalev.fullName })).toBe('unknown');
  });
});
