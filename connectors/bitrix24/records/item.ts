import { ConnectorError } from '../../../kit/errors.ts';
import type { RecordType } from '../../../kit/record-type.ts';
import type { Text } from '../../../kit/text.ts';
import { addressField } from '../addresses.ts';
import { type Api, methods, REQUEST_SECONDS } from '../api.ts';
import { contactFields } from '../multifields.ts';
import { schemaOf } from '../schema.ts';
import { changes, countChanges } from './changes.ts';
import { find } from './find.ts';
import { getMany, hasContacts, type Kind, newest, toRecs } from './read.ts';
import { create, recover, update } from './write.ts';

/** Deals, contacts, companies and leads are all read and written through `crm.item.*`. */
export function itemRecord(definition: Kind & { key: string; label: Text; labelMany: Text }): RecordType<Api> {
  const { key, label, labelMany, ...kind } = definition;
  const { entityTypeId } = kind;
  return {
    key,
    label,
    labelMany,
    async describe(api) {
      const schema = await schemaOf(api, entityTypeId, 'fresh');
      const fields = schema.fields.map((live) => live.field);
      return hasContacts(entityTypeId) ? [...fields, ...contactFields, addressField] : fields;
    },
    changes: (api, input) => changes(api, kind, input),
    count: (api, { since }) => countChanges(api, kind, since),
    newest: (api, { limit }) => newest(api, kind, limit),
    getMany: (api, ids) => getMany(api, kind, ids),
    async get(api, id) {
      try {
        const { value } = await api.run(methods.itemGet({ entityTypeId, id: Number(id) }));
        const [record] = await toRecs(api, kind, [value.item]);
        return record ?? null;
      } catch (error) {
        if (error instanceof ConnectorError && error.kind === 'gone') return null;
        throw error;
      }
    },
    find: (api, input) => find(api, kind, input),
    create: (api, input) => create(api, kind, input),
    update: (api, input) => update(api, kind, input),
    repeat: { kind: 'recover', afterSeconds: REQUEST_SECONDS, recover: (api, input) => recover(api, kind, input) },
  };
}
