import { ConnectorError } from '../../../kit/errors.ts';
import type { Values } from '../../../kit/field.ts';
import type { CreateInput, Written } from '../../../kit/record-type.ts';
import { fill } from '../../../kit/text.ts';
import type { HubexApi } from '../api.ts';
import { statusOf, withMore } from '../errors.ts';
import { idOf } from './choices.ts';
import { attributeBody, attributeFields, keyOf } from './task-attributes.ts';
import { taskBody } from './task-form.ts';
import { findOurs, type Ours } from './task-own.ts';
import { sendWithPlace } from './task-place.ts';
import { inOurFields } from './task-write.ts';

/**
 * Creates a task once, however often it is repeated: HubEx answers 409 to a second use of the stamp, and the task is
 * then found by its `erpID`: the mapped one, else a key of ours with connection and stamp in it.
 */
export async function createTask(api: HubexApi, { values, repeatKey, firstTry }: CreateInput): Promise<Written> {
  const mapped = idOf(values.erpID);
  const erpID = mapped ?? `mostik:${api.connection.id}:${repeatKey}`;
  const body = { requestMethodID: api.settings.requestMethodId, ...taskBody(values, 'create'), erpID };
  const written = await inOurFields(() =>
    sendWithPlace(api, {
      values,
      body,
      notes: async () => idOf(values.notes),
      send: (complete) =>
        createOnce(api, complete, {
          erpID,
          stamp: repeatKey,
          notBefore: mapped === null ? null : (firstTry ?? new Date()),
        }),
    }),
  );
  await setCustomFields(api, { task: written, values });
  return written;
}

async function createOnce(
  api: HubexApi,
  body: Record<string, unknown>,
  ours: Pick<Ours, 'erpID' | 'stamp' | 'notBefore'>,
): Promise<Written> {
  try {
    const { id, number } = await api.createTask(body, ours.stamp);
    return { id, label: number ?? id };
  } catch (error) {
    // The code of a repeated stamp is not documented: any 409 may be one.
    if (!(error instanceof ConnectorError) || statusOf(error) !== 409) throw error;
    const found = await findOurs(api, { ...ours, notes: typeof body.notes === 'string' ? body.notes : null });
    if (found === null) throw error;
    return { id: found.id, label: found.label ?? found.id };
  }
}

/** Custom fields are written by a call of their own, after the task is there: what goes wrong now must not hide it. */
async function setCustomFields(api: HubexApi, made: { task: Written; values: Values }): Promise<void> {
  const attributes = attributeBody(made.values).filter(({ value }) => value !== '');
  if (attributes.length === 0) return;
  try {
    await api.setTaskAttributes(made.task.id, attributes);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const isRefused = error.outcome === 'notDone' && ['rejected', 'noAccess', 'gone'].includes(error.kind);
    // A repeat finds the task by its stamp and comes to the custom fields again.
    if (!isRefused) throw withMore(error, { outcome: 'unknown' });
    throw await customFieldsRefused(api, { task: made.task, keys: attributes.map(keyOf), error });
  }
}

async function customFieldsRefused(
  api: HubexApi,
  { task, keys, error }: { task: Written; keys: string[]; error: ConnectorError },
): Promise<ConnectorError> {
  const known = await attributeFields(api).catch(() => []);
  const names = keys.map((key) => `«${known.find((field) => field.key === key)?.label ?? key}»`);
  const [only, ...others] = keys;
  return withMore(error, {
    kind: error.kind === 'gone' ? 'rejected' : error.kind,
    code: 'hubex.custom_fields_refused',
    written: task,
    ...(only !== undefined && others.length === 0 ? { field: only } : {}),
    text: fill(
      {
        en: 'Task {task} was created in HubEx, but its custom fields {fields} were refused: {why} Fill them in there and correct the mapping.',
        ru: 'Заявка {task} создана в HubEx, но дополнительные поля {fields} не приняты: {why} Заполните их там и исправьте сопоставление.',
      },
      { task: task.label ?? task.id, fields: names.join(', '), why: error.text },
    ),
  });
}
