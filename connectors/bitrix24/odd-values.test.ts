import { expect, test } from 'vitest';
import { type Exchange, recordCall } from '../../kit/call.ts';
import { deal } from './records/deal.ts';
import { connectTo } from './stand-in/connect.ts';
import { startBitrix24StandIn } from './stand-in.ts';

test('the key in the address of a file is neither in the record nor in the history of the call', async () => {
  const standIn = await startBitrix24StandIn({ limited: false });
  const urlMachine = `${standIn.url}/rest/1/k3yOfTheFile/crm.controller.item.getFile/?id=433`;
  const file = { id: 433, url: '/bitrix/components/show_file.php?auth=k3yOfTheFile&id=433', urlMachine };
  const { id } = standIn.createDeal({ title: 'Фото', ufCrm_1700000010: [file] });
  const exchanges: Exchange[] = [];
  const api = connectTo(standIn);
  const record = await recordCall({ priority: 'run', exchanges }, async () => deal.get?.(api, String(id)));
  await standIn.stop();
  expect(record?.values.ufCrm_1700000010).toEqual([{ id: '433', name: 'file-433' }]);
  const kept = JSON.stringify(exchanges);
  expect(kept).toContain('urlMachine');
  expect(kept + JSON.stringify(record)).not.toContain('k3yOfTheFile');
});

test('a time without an offset is in the portal’s own', async () => {
  const standIn = await startBitrix24StandIn({ limited: false });
  const { id } = standIn.createDeal({ title: 'Печь' });
  Object.assign(standIn.deal(id), { lastActivityTime: '2024-08-29 10:30:11', movedTime: '24.08.2023 13:19:39' });
  const record = await deal.get?.(connectTo(standIn), String(id));
  await standIn.stop();
  expect(record?.values).toMatchObject({
    lastActivityTime: '2024-08-29T07:30:11Z',
    movedTime: '2023-08-24T10:19:39Z',
  });
});
