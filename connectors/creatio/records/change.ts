import type { CreatioApi } from '../api.ts';
import type { Row } from '../dialect.ts';
import { schemaOf } from '../schema.ts';

/** Changes columns of a record and leaves the others as they are, whichever way of an update the stand takes. */
export const change = (api: CreatioApi, entity: string, update: { id: string; columns: Row }): Promise<void> =>
  api.update(entity, update.id, { columns: update.columns, whole: () => wholeOf(api, entity, update) });

/** The record as it is, the stand's own columns left out. */
async function wholeOf(api: CreatioApi, entity: string, { id, columns }: { id: string; columns: Row }): Promise<Row> {
  const schema = await schemaOf(api, entity);
  const row = (await api.get(entity, id)) ?? {};
  const own = schema.columns.filter(({ field, name }) => !field.readOnly && name in row).map(({ name }) => name);
  return { Id: id, ...Object.fromEntries(own.map((name) => [name, row[name]])), ...columns };
}
