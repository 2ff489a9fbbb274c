import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { bpmonline, creatio } from './index.ts';
import { idFor } from './stand-in/seed.ts';
import { tableOf } from './stand-in/stand.ts';
import { asked, failureOf, openBpmonline, openCreatio } from './testing/bench.ts';

const sokolova = { id: idFor('Соколова Марина Игоревна'), values: {} };
const attach = creatio.actions['contact.attachFile'];
const run = creatio.actions['process.run'];
if (!attach || !run) throw new Error('no actions');

/** Some other place that gives out files. */
async function serveFile(content: Buffer, status = 200): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/pdf; charset=binary' }).end(content);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a file is fetched and attached to the contact, once however often it is tried', async () => {
  const { standIn, api } = await openCreatio();
  const bytes = Buffer.from([0, 1, 2, 255, 254, 13, 10, 0]);
  const address = `${await serveFile(bytes)}/acts/%D0%90%D0%BA%D1%82%20%E2%84%96%2017.pdf?key=1`;
  const input = { target: sokolova, values: { address }, settings: {}, repeatKey: randomUUID() };
  const first = await attach.run(api, input);
  expect(await attach.run(api, input)).toEqual(first);
  const files = [...tableOf(standIn.stand, 'ContactFile').rows.values()];
  expect(files).toMatchObject([{ Name: 'Акт № 17.pdf', Size: bytes.length, ContactId: sokolova.id }]);
  expect(standIn.services.files.get(String(first.output?.fileId))).toEqual(bytes);
  expect(asked(standIn).filter((one) => one.includes('UploadFile'))).toHaveLength(1);
});

test('a text becomes a file of the name that was mapped', async () => {
  const { standIn, api } = await openCreatio();
  const values = { text: 'Печь проверена, замечаний нет', name: 'осмотр.txt' };
  const { output } = await attach.run(api, { target: sokolova, values, settings: {}, repeatKey: randomUUID() });
  expect(standIn.services.files.get(String(output?.fileId))?.toString()).toBe('Печь проверена, замечаний нет');
  expect([...tableOf(standIn.stand, 'ContactFile').rows.values()]).toMatchObject([{ Name: 'осмотр.txt' }]);
});

test('a file that is not there, is too large or is not named is told as such, and nothing is attached', async () => {
  const { standIn, api } = await openCreatio();
  const failed = (values: Record<string, string>) =>
    failureOf(attach.run(api, { target: sokolova, values, settings: {}, repeatKey: randomUUID() }));
  expect(await failed({ address: `${await serveFile(Buffer.from('x'), 404)}/a.pdf` })).toMatchObject({
    kind: 'rejected',
    code: 'creatio.file.not_given',
  });
  expect(await failed({ address: `${await serveFile(Buffer.alloc(11 * 1024 * 1024))}/big.bin` })).toMatchObject({
    code: 'creatio.file.too_large',
  });
  expect(await failed({ address: `${await serveFile(Buffer.from('x'), 503)}/a.pdf` })).toMatchObject({
    kind: 'temporary',
  });
  expect(await failed({})).toMatchObject({ code: 'creatio.file.no_content' });
  expect(tableOf(standIn.stand, 'ContactFile').rows.size).toBe(0);
});

test('a stand without these services says so, and its address is not doubted', async () => {
  const { standIn, api } = await openCreatio();
  standIn.services.given = false;
  const file = { target: sokolova, values: { text: 'x' }, settings: {}, repeatKey: randomUUID() };
  expect(await failureOf(attach.run(api, file))).toMatchObject({ kind: 'rejected', code: 'creatio.no_service' });
  const process = { target: null, values: {}, settings: { process: 'UsrWelcome' }, repeatKey: randomUUID() };
  expect(await failureOf(run.run(api, process))).toMatchObject({ kind: 'rejected', code: 'creatio.no_service' });
  expect(await api.get('Contact', sokolova.id)).not.toBeNull();
});

test('a business process is started with the parameters that were named', async () => {
  const { standIn, api } = await openCreatio();
  standIn.services.processes.add('UsrWelcome');
  const settings = { process: ' UsrWelcome ', parameters: 'ContactId, Comment' };
  expect((await run.describe(api, settings)).map(({ key }) => key)).toEqual(['ContactId', 'Comment']);
  await run.run(api, { target: null, values: { ContactId: sokolova.id }, settings, repeatKey: randomUUID() });
  expect(standIn.services.started).toEqual([{ process: 'UsrWelcome', parameters: { ContactId: sokolova.id } }]);
  const unknown = { target: null, values: {}, settings: { process: 'UsrNone' }, repeatKey: randomUUID() };
  const failure = await failureOf(run.run(api, unknown));
  expect(failure).toMatchObject({ kind: 'rejected' });
  expect(JSON.stringify(failure.text)).toContain('UsrNone');
});

test('bpm’online starts business processes too', async () => {
  const { standIn, api } = await openBpmonline();
  standIn.services.processes.add('UsrNotify');
  const settings = { process: 'UsrNotify', parameters: 'Comment' };
  await bpmonline.actions['process.run']?.run(api, {
    target: null,
    values: { Comment: 'Да' },
    settings,
    repeatKey: randomUUID(),
  });
  expect(standIn.services.started).toEqual([{ process: 'UsrNotify', parameters: { Comment: 'Да' } }]);
});

test('a file is attached to a record of an object of one’s own, its code in any case', async () => {
  const { standIn, api } = await openCreatio();
  const record = standIn.valueOf('UsrServiceObject', 'Печь подовая ХПЭ-500');
  const toObject = (values: Record<string, string>, object = 'usrserviceobject') =>
    creatio.actions['object.attachFile']?.run(api, {
      target: null,
      values,
      settings: { object },
      repeatKey: randomUUID(),
    });
  await toObject({ record, text: 'Паспорт печи', name: 'паспорт.txt' });
  expect([...tableOf(standIn.stand, 'UsrServiceObjectFile').rows.values()]).toMatchObject([
    { Name: 'паспорт.txt', UsrServiceObjectId: record },
  ]);
  const failed = (...tried: Parameters<typeof toObject>) => failureOf(toObject(...tried) ?? Promise.resolve());
  expect(await failed({ text: 'Без записи' })).toMatchObject({ code: 'creatio.file.no_record' });
  expect(await failed({ record, text: 'Без файлов' }, 'UsrVehicle')).toMatchObject({ code: 'creatio.no_such_set' });
});
