import { z } from 'zod';
import { updateLegacy } from '../connectors/bitrix24/stand-in/portal.ts';
import { CONTACT } from '../connectors/bitrix24/stand-in/schema.ts';
import { type Action, text } from './action.ts';
import type { World } from './world.ts';

/** Contacts of Bitrix24, as people add and edit them there. */

const form = z.object({ name: text, lastName: text.min(1), post: text, phone: text, email: text });
type Form = z.infer<typeof form>;

const multifields = { phone: 'PHONE', email: 'EMAIL' } as const;

function create({ bitrix24 }: World, { name, lastName, post, ...numbers }: Form): { id: number } {
  const fm = Object.entries(multifields).flatMap(([field, typeId]) =>
    numbers[field as keyof typeof multifields]
      ? [{ typeId, valueType: 'WORK', value: numbers[field as keyof typeof multifields] }]
      : [],
  );
  return { id: bitrix24.createContact({ name, lastName, post, fm }).id };
}

/** The first number of each kind is the one that the form shows: it is changed, or added where there is none. */
function edit({ bitrix24 }: World, id: number, { name, lastName, post, ...numbers }: Partial<Form>): void {
  const rows = bitrix24.portal.items.get(CONTACT)?.get(id)?.fm ?? [];
  const changed = Object.entries(multifields).flatMap(([field, typeId]) => {
    const VALUE = numbers[field as keyof typeof multifields];
    if (VALUE === undefined) return [];
    return [[typeId, [{ ID: rows.find((row) => row.typeId === typeId)?.id, VALUE }]] as const];
  });
  updateLegacy(bitrix24.portal, CONTACT, id, {
    ...(name !== undefined && { NAME: name }),
    ...(lastName !== undefined && { LAST_NAME: lastName }),
    ...(post !== undefined && { POST: post }),
    ...Object.fromEntries(changed),
  });
}

export const contactActions: Action[] = [
  {
    method: 'POST',
    path: /^\/api\/bitrix24\/contacts$/,
    run: (world, { body }) => world.byHand(null, () => create(world, form.parse(body))),
  },
  {
    method: 'PATCH',
    path: /^\/api\/bitrix24\/contacts\/(\d+)$/,
    run: async (world, { caught: [id], body }) => {
      await world.byHand(`bitrix24.contact:${id}`, () => edit(world, Number(id), form.partial().parse(body)));
    },
  },
];
