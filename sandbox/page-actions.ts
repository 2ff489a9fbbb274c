import { z } from 'zod';
import type { Item } from '../connectors/bitrix24/stand-in/portal.ts';
import { Refusal } from '../connectors/bitrix24/stand-in/refusal.ts';
import { type Action, text } from './action.ts';
import { contactActions } from './contact-actions.ts';
import { creatioActions } from './creatio-actions.ts';
import { dealFields, dealView } from './views.ts';
import { appKeys, moods, type World } from './world.ts';

const dealForm = z.object({
  title: text.min(1),
  amount: z.number().min(0),
  comment: text,
  address: text,
  urgency: z.number().int().nullable(),
});
const newDeal = dealForm.extend({ pipeline: z.number().int(), client: text, phone: text, email: text });
const siteForm = z.object({ name: text.min(1), phone: text.min(1), message: text });

const fieldsOf = (form: z.infer<typeof dealForm>): Record<string, unknown> => ({
  title: form.title,
  opportunity: form.amount,
  comments: form.comment,
  [dealFields.address]: form.address,
  [dealFields.urgency]: form.urgency,
});

function createDeal(world: World, body: unknown): Item {
  const { pipeline, client, phone, email, ...form } = newDeal.parse(body);
  const { bitrix24 } = world;
  const [name = '', ...rest] = client.split(/\s+/);
  const fm = [
    ...(phone ? [{ typeId: 'PHONE', valueType: 'MOBILE', value: phone }] : []),
    ...(email ? [{ typeId: 'EMAIL', valueType: 'WORK', value: email }] : []),
  ];
  const contact = client ? bitrix24.createContact({ name, lastName: rest.join(' '), fm }) : null;
  return bitrix24.createDeal({
    ...fieldsOf(form),
    categoryId: pipeline,
    currencyId: 'RUB',
    ...(contact && { contactIds: [contact.id] }),
  });
}

/** Leaves alone what the person did not touch: codes in a comment, the place behind an address. */
function editDeal({ bitrix24 }: World, { id, body }: { id: number; body: unknown }): Item {
  const form = dealForm.parse(body);
  const before = dealView(bitrix24, bitrix24.deal(id));
  const fields = fieldsOf(form);
  if (form.comment === before.comment) delete fields.comments;
  if (form.address === before.address) delete fields[dealFields.address];
  return bitrix24.editDeal(id, fields);
}

function taskOf({ hubex }: World, caught: string[]): number {
  const id = Number(caught[0]);
  if (!hubex.tenant.tasks.has(id)) throw new Refusal(404, 'TaskNotFound', 'Заявка не найдена');
  return id;
}

async function sendForm(world: World, body: unknown): Promise<{ status: number | null }> {
  const form = siteForm.parse(body);
  const target = world.hooks().form;
  if (target === null) throw new Refusal(409, 'no_hook', 'Mostik has no inbound webhook yet');
  const status = await fetch(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...form, page: 'https://romashka.example/contacts' }),
    signal: AbortSignal.timeout(10_000),
  }).then(
    (answer) => answer.status,
    () => null,
  );
  world.forms.unshift({ at: Date.now(), name: form.name, status });
  world.forms.splice(10);
  return { status };
}

export const actions: Action[] = [
  {
    method: 'POST',
    path: /^\/api\/deals$/,
    run: async (world, { body }) => {
      const deal = await world.byHand(null, () => createDeal(world, body));
      return { id: deal.id };
    },
  },
  {
    method: 'PATCH',
    path: /^\/api\/deals\/(\d+)$/,
    run: async (world, { caught: [id], body }) => {
      await world.byHand(`deal:${id}`, () => editDeal(world, { id: Number(id), body }));
    },
  },
  {
    method: 'POST',
    path: /^\/api\/deals\/(\d+)\/move$/,
    run: async (world, { caught: [id], body }) => {
      const { stage } = z.object({ stage: z.string() }).parse(body);
      await world.byHand(`deal:${id}`, () => world.bitrix24.moveDeal(Number(id), stage));
    },
  },
  {
    method: 'POST',
    path: /^\/api\/tasks\/(\d+)\/move$/,
    run: async (world, { caught, body }) => {
      const { stage } = z.object({ stage: z.number().int() }).parse(body);
      const id = taskOf(world, caught);
      await world.byHand(`task:${id}`, () => world.hubex.workTask(id, stage));
    },
  },
  {
    method: 'POST',
    path: /^\/api\/tasks\/(\d+)\/complete$/,
    run: async (world, { caught, body }) => {
      const { comment, cost } = z.object({ comment: text, cost: z.number().min(0).nullable() }).parse(body);
      const id = taskOf(world, caught);
      await world.byHand(`task:${id}`, () =>
        world.hubex.completeTask(id, { ...(comment && { comment }), ...(cost !== null && { actualCost: cost }) }),
      );
    },
  },
  { method: 'POST', path: /^\/api\/form$/, run: (world, { body }) => sendForm(world, body) },
  {
    method: 'PUT',
    path: /^\/api\/moods\/(\w+)$/,
    run: (world, { caught: [name], body }) => {
      const app = z.enum(appKeys).parse(name);
      world.setMood(app, z.object({ mood: z.enum(moods) }).parse(body).mood);
    },
  },
  ...contactActions,
  ...creatioActions,
];
