import { connectionsApi } from '../server/connections/contract.ts';
import { type Flow, flowsApi } from '../server/flows/contract.ts';
import { pauseFlow } from '../server/flows/states.ts';
import { callToItem, postCall } from '../server/flows/testing/drafts.ts';
import { failNext, isItemCreate } from '../server/flows/testing/faults.ts';
import { dealToTask, type Office, openOffice, taskToDeal } from '../server/flows/testing/office.ts';

export interface BusyOffice extends Office {
  flows: { there: Flow; back: Flow; call: Flow; draft: Flow };
  /** Ids of some runs by how they ended. */
  runs: { done: string; rejected: string; unknown: string };
}

/** An office after a morning's work: flows in every state, runs that ended in different ways. */
export async function openBusyOffice(): Promise<BusyOffice> {
  const office = await openOffice();
  const { bitrix24, hubex, target, server } = office;
  // The fields of a call are known from one that was caught.
  await postCall(office);
  const there = await office.startFlow('Сделка «Сервисная служба» → заявка в HubEx', dealToTask(office));
  const back = await office.startFlow('Заявка выполнена → сделка', taskToDeal(office));
  const call = await office.startFlow('Звонок с сайта → запись', callToItem(office));
  const draft = await server.call(flowsApi.postFlow, { body: { name: 'Ещё не готова' } });
  const newDeal = (title: string) =>
    bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1, comments: title, contactIds: [oneContact(office)] });
  const enterService = (id: number) => bitrix24.moveDeal(id, 'C1:UC_SERVICE');

  const first = newDeal('Не включается печь');
  bitrix24.editDeal(first.id, { comments: 'Позвонить заранее' });
  await office.settle();
  enterService(first.id);
  await office.settle();
  bitrix24.editDeal(first.id, { comments: 'Позвонить за час до приезда' });
  await office.settle();
  hubex.settings.requiredTaskFields.push('criticalityID');
  enterService(newDeal('Скрипит дверца шкафа шоковой заморозки в горячем цеху').id);
  await office.settle();
  hubex.settings.requiredTaskFields.pop();
  failNext(target, isItemCreate, 'dropAfter');
  await postCall(office, { name: 'Анна', phone: '+7 916 000-00-00', email: 'anna@example.com', note: 'Перезвонить' });
  await office.settle();
  await server.passTime(10);
  await office.settle();
  await pauseFlow(server.ctx, {
    flowId: call.id,
    reason: {
      code: 'brake',
      text: {
        en: 'The flow would create more than 200 records in an hour. Is that right? Resume it to go on, or stop it.',
        ru: 'Связка создала бы больше 200 записей за час. Так и задумано? Возобновите её или остановите.',
      },
    },
  });
  const soon = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  await server.call(connectionsApi.patchConnection, {
    params: { id: office.connections.hubex },
    body: { validUntil: soon, check: false },
  });
  const runs = [...(await office.runsOf(there)), ...(await office.runsOf(call))];
  const ended = (state: string) => {
    const run = runs.find((one) => one.state === state);
    if (!run) throw new Error(`No run ended as ${state}: ${runs.map((one) => one.state).join(', ')}`);
    return run.id;
  };
  return {
    ...office,
    flows: { there, back, call, draft },
    runs: {
      done: ended('done'),
      rejected: ended('rejected'),
      unknown: ended('unknown'),
    },
  };
}

const oneContact = (office: Office) => Number(office.bitrix24.listDeals()[0]?.contactId);
