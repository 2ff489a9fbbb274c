import { randomBytes, randomUUID } from 'node:crypto';
import type { Connector } from '../../kit/connector.ts';
import { asConnectorError } from '../../kit/errors.ts';
import type { FormField, FormValues } from '../../kit/form.ts';
import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import type { JsonValue } from '../http/contract.ts';
import { Problem } from '../http/problem.ts';
import { settleNotice } from '../notice.ts';
import { type Checked, checkForm } from './check.ts';
import { connectorOf, forgetConnection } from './open.ts';
import {
  type ConnectionRow,
  deleteConnectionRow,
  insertConnection,
  openSecrets,
  readConnection,
  readUsers,
  updateConnection,
  wakeHeldRuns,
  writeBlocked,
  writeFailure,
  writeWorked,
} from './store.ts';
import { watchValidity } from './validity.ts';

export interface ConnectionForm {
  connector: string;
  auth: string;
  name: string;
  fields: Record<string, JsonValue>;
  secrets: Record<string, string>;
  endpoints: Record<string, string>;
}

/** Adds a connection. With `check` it must answer first; without, it is saved untried. */
export async function addConnection(
  ctx: Context,
  input: { form: ConnectionForm; check: boolean; by: string },
): Promise<string> {
  const { form } = input;
  const connector = knownConnector(ctx, form.connector);
  requireForm(connector, form);
  const checked = input.check ? await mustAnswer(ctx, { connector, form }) : null;
  const id = randomUUID();
  await insertConnection(ctx, {
    ...form,
    id,
    hookKey: randomBytes(24).toString('base64url'),
    createdBy: input.by,
  });
  if (checked) await writeWorked(ctx, id, checked);
  ctx.live.tell({ kind: 'connection', id });
  return id;
}

/**
 * Renames or reconnects in place. A secret that is not named stays. Another account behind the connection is refused:
 * its pairs, cursors and history would point to strangers. A portal that was renamed shows as another one too, and only a
 * person can tell (`sameAccount`). Runs that waited for the connection go on.
 */
export async function changeConnection(
  ctx: Context,
  input: {
    id: string;
    change: Partial<Omit<ConnectionForm, 'connector'>> & { validUntil?: string | null | undefined };
    check: boolean;
    sameAccount?: boolean;
  },
): Promise<void> {
  const row = await mustReadConnection(ctx, input.id);
  const { change } = input;
  const reconnects = change.auth ?? change.fields ?? change.secrets ?? change.endpoints;
  const secrets = change.secrets ? { ...knownSecrets(ctx, row), ...change.secrets } : undefined;
  let checked: Checked | null = null;
  if (reconnects !== undefined) {
    const connector = knownConnector(ctx, row.connector);
    const form: ConnectionForm = {
      connector: row.connector,
      auth: change.auth ?? row.auth,
      name: change.name ?? row.name,
      fields: change.fields ?? (row.fields as Record<string, JsonValue>),
      secrets: secrets ?? openSecrets(ctx, row),
      endpoints: change.endpoints ?? row.endpoints,
    };
    requireForm(connector, form);
    if (input.check) {
      checked = await mustAnswer(ctx, { connector, form });
      const isOther = row.identity !== null && checked.identity !== row.identity;
      if (isOther && !input.sameAccount) throw otherAccount(row, checked.label);
    }
  }
  // A day that was written down for the old key says nothing of the new one.
  const validUntil = change.validUntil === undefined && renewsKey(ctx, row, change) ? null : change.validUntil;
  await updateConnection(ctx, input.id, { ...change, secrets, validUntil });
  await watchValidity(ctx, input.id);
  if (reconnects !== undefined) {
    // A token of the old sign-in must not outlive it.
    await ctx.db.deleteFrom('connection_sessions').where('connection_id', '=', input.id).execute();
    if (checked) await isWell(ctx, input.id, checked);
    await wakeWaiting(ctx, input.id);
  }
  forgetConnection(ctx, input.id);
  ctx.live.tell({ kind: 'connection', id: input.id });
}

/** A secret of the sign-in is given anew; one that only proves the app's calls is no access. */
function renewsKey(ctx: Context, row: ConnectionRow, { auth = row.auth, secrets = {} }: Partial<ConnectionForm>) {
  const fields = ctx.shelf[row.connector]?.auth.find(({ key }) => key === auth)?.fields ?? [];
  return fields.some(({ key, type }) => type === 'secret' && secrets[key] !== undefined);
}

/** Secrets sealed under a lost key are gone: whoever reconnects enters all of them anew. */
function knownSecrets(ctx: Context, row: ConnectionRow): Record<string, string> {
  try {
    return openSecrets(ctx, row);
  } catch {
    return {};
  }
}

/** Deletes; refused with the list of flows while any uses it. */
export async function deleteConnection(ctx: Context, id: string): Promise<void> {
  await mustReadConnection(ctx, id);
  const users = (await readUsers(ctx)).filter((user) => user.connectionId === id);
  if (users.length > 0) {
    throw new Problem({
      status: 409,
      code: 'connection.in_use',
      text: {
        en: 'Flows use this connection. Choose another one in them, or delete them first.',
        ru: 'Подключение используют связки. Выберите в них другое или сначала удалите их.',
      },
      items: users.map(({ id: flowId, name }) => ({ id: flowId, name })),
    });
  }
  await deleteConnectionRow(ctx, id);
  forgetConnection(ctx, id);
  // They go on to their end: the connection they wait for is gone.
  await wakeHeldRuns(ctx, id);
  ctx.live.tell({ kind: 'connection', id });
}

/** Checks a saved connection and writes down what came out. */
export async function checkConnection(ctx: Context, id: string): Promise<Checked> {
  const row = await mustReadConnection(ctx, id);
  const connector = knownConnector(ctx, row.connector);
  try {
    const checked = await checkForm(ctx, {
      connector,
      fields: row.fields as FormValues,
      secrets: openSecrets(ctx, row),
      endpoints: row.endpoints,
    });
    if (row.identity !== null && checked.identity !== row.identity) throw otherAccount(row, checked.label);
    await isWell(ctx, id, checked);
    if (row.needs_reconnect) {
      // Every process opens it anew: what it remembers of the refusal is over.
      await updateConnection(ctx, id, {});
      forgetConnection(ctx, id);
      await wakeWaiting(ctx, id);
    }
    return checked;
  } catch (error) {
    if (error instanceof Problem) {
      // What went to one account must not go to another: flows wait for a person.
      if (error.code === otherAccountCode) await stopUsing(ctx, row, error.text);
      throw error;
    }
    const failure = asConnectorError(error);
    await writeFailure(ctx, {
      id,
      revision: row.revision,
      failure: { kind: failure.kind, code: failure.code, text: failure.text },
    });
    throw failure;
  } finally {
    forgetConnection(ctx, id);
    ctx.live.tell({ kind: 'connection', id });
  }
}

async function isWell(ctx: Context, id: string, checked: Checked): Promise<void> {
  await writeWorked(ctx, id, checked);
  await settleNotice(ctx, { kinds: ['connection.reconnect'], connectionId: id });
}

export async function mustReadConnection(ctx: Context, id: string): Promise<ConnectionRow> {
  const row = await readConnection(ctx, id);
  if (row) return row;
  throw new Problem({
    status: 404,
    code: 'connection.not_found',
    text: { en: 'There is no such connection.', ru: 'Такого подключения нет.' },
  });
}

function knownConnector(ctx: Context, key: string): Connector {
  try {
    return connectorOf(ctx, key);
  } catch (error) {
    throw new Problem({ status: 422, code: 'connector.unknown', text: asConnectorError(error).text });
  }
}

async function mustAnswer(ctx: Context, input: { connector: Connector; form: ConnectionForm }): Promise<Checked> {
  try {
    return await checkForm(ctx, { ...input.form, connector: input.connector, fields: input.form.fields as FormValues });
  } catch (error) {
    const failure = asConnectorError(error);
    throw new Problem({ status: 422, code: failure.code, text: failure.text });
  }
}

const otherAccountCode = 'connection.other_account';

async function stopUsing(ctx: Context, row: ConnectionRow, text: Text): Promise<void> {
  await writeBlocked(ctx, row.id, { code: otherAccountCode, text });
  await writeFailure(ctx, {
    id: row.id,
    revision: row.revision,
    failure: { kind: 'reconnect', code: otherAccountCode, text },
  });
}

function otherAccount(row: ConnectionRow, label: string): Problem {
  return new Problem({
    status: 409,
    code: otherAccountCode,
    text: fill(
      {
        en: 'This is another account: {found} instead of {known}. Add it as a connection of its own. If it is the same account at a new address, reconnect and say so.',
        ru: 'Это другая учётная запись: {found} вместо {known}. Добавьте её отдельным подключением. Если это та же учётная запись по новому адресу, переподключите и подтвердите это.',
      },
      { found: label, known: row.account ?? row.identity ?? '' },
    ),
  });
}

/** Runs that waited for a person to reconnect go on by themselves. */
async function wakeWaiting(ctx: Context, connectionId: string): Promise<void> {
  await wakeHeldRuns(ctx, connectionId);
  await ctx.pool.query('update triggers set next_ask_at = now() where connection_id = $1 and active', [connectionId]);
  await ctx.pool.query(`select pg_notify('mostik_runs', '')`);
}

/** A half-filled form is refused with the place of each gap. */
function requireForm(connector: Connector, form: ConnectionForm): void {
  const auth = connector.auth.find(({ key }) => key === form.auth);
  if (!auth) {
    throw new Problem({
      status: 422,
      code: 'connection.auth_unknown',
      text: { en: 'Choose how to connect.', ru: 'Выберите способ подключения.' },
      errors: [{ pointer: '/auth', text: { en: 'Choose how to connect.', ru: 'Выберите способ подключения.' } }],
    });
  }
  const all = [...auth.fields, ...(connector.webhook?.fields ?? [])];
  const errors = all.flatMap((field) => {
    const place = field.type === 'secret' ? 'secrets' : 'fields';
    const text = fieldMistake(field, form[place][field.key]);
    return text ? [{ pointer: `/${place}/${field.key}`, text }] : [];
  });
  if (errors.length === 0) return;
  throw new Problem({
    status: 422,
    code: 'connection.form',
    text: { en: 'Some fields need your attention.', ru: 'Проверьте отмеченные поля.' },
    errors,
  });
}

function fieldMistake(field: FormField, value: JsonValue | undefined): Text | null {
  const isEmpty = value === undefined || value === null || value === '';
  if (isEmpty) {
    return field.required === true && field.default === undefined
      ? fill({ en: 'Fill in "{label}".', ru: 'Заполните поле «{label}».' }, { label: field.label })
      : null;
  }
  if (field.pattern === undefined || typeof value !== 'string') return null;
  if (new RegExp(`^(?:${field.pattern})$`, 'u').test(value.trim())) return null;
  return (
    field.patternHelp ??
    fill({ en: '"{label}" has another form.', ru: 'Поле «{label}» заполнено не так.' }, { label: field.label })
  );
}
