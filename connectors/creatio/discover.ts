import type { RecordType } from '../../kit/record-type.ts';
import type { CreatioApi } from './api.ts';
import { declared } from './names.ts';
import { entityRecord } from './records/entity.ts';

/** Every other object of the stand, own ones («Usr…») included; without a change time there is nothing to ask for changes by. */
export async function discover(api: CreatioApi): Promise<RecordType<CreatioApi>[]> {
  const model = await api.model();
  return [...model.values()]
    .filter(({ name, columns }) => !(name in declared) && columns.some((column) => column.name === 'Id'))
    .map(({ name, columns }) =>
      entityRecord(name, { hasChanges: columns.some((column) => column.name === 'ModifiedOn') }),
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
