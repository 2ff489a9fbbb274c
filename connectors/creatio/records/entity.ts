import type { RecordType } from '../../../kit/record-type.ts';
import type { Text } from '../../../kit/text.ts';
import type { CreatioApi } from '../api.ts';
import { objectName } from '../names.ts';
import { schemaOf } from '../schema.ts';
import { changes, count } from './changes.ts';
import { communicationFields } from './communications.ts';
import { find } from './find.ts';
import { get, getMany, newest } from './read.ts';
import { create, recover, update } from './write.ts';

/** A request may still be at work over there for this long after we stopped waiting. */
const requestSeconds = 60;

/** An object of the stand as a record type: all objects are read and written in one way. */
export function entityRecord(entity: string, options: { hasChanges: boolean; caption?: Text }): RecordType<CreatioApi> {
  const { key, label, labelMany } = objectName(entity, options.caption);
  return {
    key,
    label,
    labelMany,
    async describe(api) {
      const { fields } = await schemaOf(api, entity);
      return [...fields, ...(await communicationFields(api, entity))];
    },
    ...(options.hasChanges
      ? {
          changes: (api, input) => changes(api, entity, input),
          count: (api, { since }) => count(api, entity, since),
        }
      : {}),
    newest: (api, { limit }) => newest(api, entity, limit),
    get: (api, id) => get(api, entity, id),
    getMany: (api, ids) => getMany(api, entity, ids),
    find: (api, input) => find(api, entity, input),
    create: (api, input) => create(api, entity, input),
    update: (api, input) => update(api, entity, input),
    repeat: { kind: 'recover', afterSeconds: requestSeconds, recover: (api, input) => recover(api, entity, input) },
  };
}
