import { updateItem } from '../connectors/bitrix24/stand-in/portal.ts';
import { startBitrix24StandIn } from '../connectors/bitrix24/stand-in.ts';
import { startCreatioStandIn } from '../connectors/creatio/stand-in.ts';
import type { StandInRequest } from '../kit/testing/stand-in.ts';

/**
 * Two CRMs in a process of their own: people make and edit contacts there, both tell the app, and both count what is
 * written into them.
 */
const contactType = 3;
const [bitrix24, creatio] = await Promise.all([
  startBitrix24StandIn({ limited: false, seed: 'empty' }),
  startCreatioStandIn({ seed: false }),
]);

/** One person as both CRMs know them; `post` is what gets edited. */
export interface Person {
  email: string;
  post: string;
}

export interface Crms {
  bitrix24: Person[];
  creatio: Person[];
  /** Creates and updates that arrived over the API, since the start. */
  writes: number;
}

export type CrmTask =
  | { do: 'hooks'; bitrix24: string; creatio: string; secret: string }
  /** A person makes the n-th contact in one of the CRMs. */
  | { do: 'create'; n: number; in: 'bitrix24' | 'creatio' }
  /** A person edits it there; nothing happens when it has not come there yet. */
  | { do: 'edit'; n: number; in: 'bitrix24' | 'creatio'; post: string }
  | { do: 'look' };

let writes = 0;
const count = (isWrite: (request: StandInRequest) => boolean, requests: StandInRequest[]) => {
  const push = requests.push.bind(requests);
  requests.push = (...added) => {
    writes += added.filter(isWrite).length;
    return push(...added);
  };
};
count(({ path }) => /item\.(add|update)|contact\.(add|update)|\/batch/.test(path), bitrix24.requests);
count(
  ({ method, path }) => method !== 'GET' && !/Login$|\$batch$|RuntimeEntitySchemaRequest$/.test(path),
  creatio.requests,
);

const emailOf = (n: number) => `person-${n}@example.com`;
const phoneOf = (n: number) => `+7921${String(1_000_000 + n)}`;

const inBitrix24 = () => [...(bitrix24.portal.items.get(contactType)?.values() ?? [])];

function create({ n, in: where }: Extract<CrmTask, { do: 'create' }>): void {
  if (where === 'creatio') {
    const body = { Name: `Орлов Игнат${n}`, MobilePhone: phoneOf(n), Email: emailOf(n), JobTitle: 'мастер' };
    creatio.createContact(body);
    return;
  }
  bitrix24.createContact({
    name: `Игнат${n}`,
    lastName: 'Орлов',
    post: 'мастер',
    fm: [
      { id: 0, typeId: 'PHONE', valueType: 'WORK', value: phoneOf(n) },
      { id: 0, typeId: 'EMAIL', valueType: 'WORK', value: emailOf(n) },
    ],
  });
}

function edit({ n, in: where, post }: Extract<CrmTask, { do: 'edit' }>): boolean {
  const email = emailOf(n);
  if (where === 'creatio') {
    const there = creatio.listContacts().find((one) => one.email === email);
    if (there) creatio.editContact(there.id, { JobTitle: post });
    return there !== undefined;
  }
  const there = inBitrix24().find((one) => one.email === email);
  if (there) updateItem(bitrix24.portal, contactType, there.id, { post });
  return there !== undefined;
}

const look = (): Crms => ({
  bitrix24: inBitrix24().map(({ email, post }) => ({ email: String(email), post: String(post) })),
  creatio: creatio.listContacts().map(({ email, jobTitle }) => ({ email, post: jobTitle })),
  writes,
});

function carryOut(task: CrmTask): object {
  switch (task.do) {
    case 'hooks':
      bitrix24.hooks.register({ url: task.bitrix24, token: bitrix24.applicationToken });
      creatio.processes.register({ url: task.creatio, secret: task.secret, objects: ['Contact'] });
      return {};
    case 'create':
      create(task);
      return {};
    case 'edit':
      return { edited: edit(task) };
    case 'look':
      return look();
  }
}

process.on('message', (task: CrmTask) => {
  process.send?.(carryOut(task));
});

export interface Doors {
  bitrix24: { webhookUrl: string; applicationToken: string; restBase: string };
  creatio: { url: string; userName: string; password: string };
}
const doors: Doors = {
  bitrix24: {
    webhookUrl: bitrix24.webhookUrl,
    applicationToken: bitrix24.applicationToken,
    restBase: bitrix24.restBase,
  },
  creatio: { url: creatio.url, userName: creatio.gate.userName, password: creatio.gate.password },
};
process.send?.(doors);
