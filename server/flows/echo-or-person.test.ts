import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { updateItem } from '../../connectors/bitrix24/stand-in/portal.ts';
import { type Flow, flowsApi } from './contract.ts';
import { contactsToBitrix24, contactsToHubex } from './testing/contacts.ts';
import { type Office, openOffice } from './testing/office.ts';

const template = (text: string) => ({ kind: 'template', text });
const contactTypeId = 3;

describe('what a person does is not taken for our own write', () => {
  let office: Office;
  const started: Flow[] = [];
  beforeAll(async () => {
    office = await openOffice();
  });
  afterEach(async () => {
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  async function start(name: string, draft: Record<string, unknown>): Promise<Flow> {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  }
  async function rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round += 1) await office.askAgain();
  }

  describe('a deal that goes into its stage again after we wrote into another field of it', () => {
    const moveIn = async (id: number) => {
      office.bitrix24.editDeal(id, { stageId: 'C1:UC_SERVICE' });
      await rounds(3);
    };
    const tasks = (notes: string) => office.hubex.listTasks().filter((task) => task.notes === notes).length;

    async function startBoth(mapping: Record<string, unknown>): Promise<Flow> {
      const flow = await start('Stage to task', {
        trigger: {
          connection: office.connections.bitrix24,
          trigger: 'deal.enteredStage',
          mode: 'realTime',
          settings: { stage: 'C1:UC_SERVICE' },
        },
        steps: [
          {
            id: 'a1',
            connection: office.connections.hubex,
            action: 'task.create',
            mapping: {
              taskType: { kind: 'constant', value: { id: '1', label: '' } },
              notes: template('{{ trigger.title }}'),
            },
          },
        ],
      });
      await start('Task to deal', {
        trigger: { connection: office.connections.hubex, trigger: 'task.created', mode: 'poll' },
        steps: [
          {
            id: 'a1',
            connection: office.connections.bitrix24,
            action: 'deal.update',
            mapping,
            duplicates: { mode: 'update', keys: [] },
          },
        ],
      });
      await rounds(1);
      return flow;
    }
    const moveOut = async (id: number) => {
      office.bitrix24.editDeal(id, { stageId: 'C1:NEW' });
      await rounds(1);
    };

    it('makes its task again', async () => {
      await startBoth({ comments: template('Заявка {{ trigger.number }}') });
      const { id } = office.bitrix24.createDeal({ title: 'Снова', stageId: 'C1:NEW', categoryId: 1 });
      await moveIn(id);
      expect(tasks('Снова')).toBe(1);
      expect(office.bitrix24.deal(id).comments).toMatch(/^Заявка /);
      await moveOut(id);
      await moveIn(id);
      expect(tasks('Снова')).toBe(2);
    });

    it('makes its task again also when we had moved it, but not at this time', async () => {
      await startBoth({ stage: { kind: 'constant', value: { id: 'C1:UC_SERVICE', label: '' } } });
      const { id } = office.bitrix24.createDeal({ title: 'Позже', stageId: 'C1:NEW', categoryId: 1 });
      await rounds(1);
      // Nobody saw the move that we made: the deal was out of the stage again before the way there was asked.
      const { pool } = office.server.ctx;
      await pool.query(
        `insert into fingerprints (connection_id, record_type, record_id, run_id, step, before, written, causes, at)
         select $1, 'deal', $2, 0, 'a1', '{}', '{"stage": "C1:UC_SERVICE"}', array_agg(id), now() - interval '6 minutes'
         from flows where id = any($3::uuid[])`,
        [office.connections.bitrix24, String(id), started.map((flow) => flow.id)],
      );
      await moveIn(id);
      expect(tasks('Позже')).toBe(1);
    });
  });

  it('a value that we wrote once, and that a person sets again later, is carried over', async () => {
    await start('There', contactsToHubex(office));
    await start('Back', contactsToBitrix24(office));
    await rounds(1);
    const { portal } = office.bitrix24;
    const { tell } = portal;
    const { id } = office.bitrix24.createContact({
      name: 'Анна',
      lastName: 'Возвратова',
      post: 'Повар',
      fm: [{ typeId: 'PHONE', valueType: 'WORK', value: '+79251110044' }],
    });
    await rounds(3);
    const theirs = () =>
      [...office.hubex.tenant.contacts.values()].find(({ fullName }) => fullName.startsWith('Возвратова'));
    const posts = () => [portal.items.get(contactTypeId)?.get(id)?.post, theirs()?.position];

    // We write "Шеф"; before its event is read a person writes over it: our value never shows.
    const contact = theirs();
    if (!contact) throw new Error('no contact');
    portal.tell = () => {};
    office.hubex.tenant.contacts.set(contact.id, { ...contact, position: 'Шеф' });
    await office.askAgain();
    expect(posts()).toEqual(['Шеф', 'Шеф']);
    updateItem(portal, contactTypeId, id, { post: 'Су-шеф' });
    portal.tell = tell;
    tell('UPDATE', contactTypeId, id);
    await rounds(3);
    expect(posts()).toEqual(['Су-шеф', 'Су-шеф']);

    updateItem(portal, contactTypeId, id, { post: 'Шеф' });
    await rounds(3);
    expect(posts()).toEqual(['Шеф', 'Шеф']);
  });
});
