import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import type { ObjectColumn } from './objects.ts';
import type { Stand } from './stand.ts';

/** DataValueType of DataService. */
const valueType = (column: ObjectColumn): number => {
  const types = { text: 1, int: 4, decimal: 5, datetime: 7, date: 8, lookup: 10, boolean: 12, stream: 13 };
  return column.name === 'Id' ? 0 : types[column.kind];
};

/** `RuntimeEntitySchemaRequest`: 200 also where there is no such object. Lookups are called without their `Id`. */
export function answerSchema(stand: Stand, request: StandInRequest): StandInResponse {
  const { name = '' } = JSON.parse(request.rawBody.toString('utf8')) as { name?: string };
  const schema = stand.tables.get(name)?.schema;
  if (!schema) {
    const errorInfo = { errorCode: 'ItemNotFoundException', message: `Item with name "${name}" not found` };
    return { status: 200, body: { success: false, errorInfo } };
  }
  const columns = [...schema.columns.values()].map((column, index) => [
    `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`,
    {
      name: column.kind === 'lookup' && column.name !== 'Id' ? column.name.slice(0, -2) : column.name,
      caption: column.caption,
      dataValueType: valueType(column),
      isRequired: column.required,
      ...(column.kind === 'lookup' && column.name !== 'Id' ? { referenceSchemaName: column.target } : {}),
    },
  ]);
  return { status: 200, body: { schema: { name, columns: { Items: Object.fromEntries(columns) } }, success: true } };
}

/** `EntitySchemaManagerRequest`: all objects, those that are given out over OData and those that are not. */
export const answerObjects = (stand: Stand): StandInResponse => ({
  status: 200,
  body: {
    collection: [...stand.tables.values()].map(({ schema }) => ({ name: schema.name, caption: schema.caption })),
    success: true,
  },
});
