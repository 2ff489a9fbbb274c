import { createTransport } from 'nodemailer';
import { asConnectorError, ConnectorError } from '../../kit/errors.ts';
import { createHttp } from '../../kit/http.ts';
import { fill, type Text } from '../../kit/text.ts';
import { ownAddress } from '../config.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import { type Alerts, alertsSchema, type NoticeKind } from './contract.ts';

const empty: AlertsForm = { email: '', from: '', webhook: '' };
type AlertsForm = Omit<Alerts, 'smtpSet' | 'failures'>;
const smtpKey = 'alerts.smtp';

export type Way = 'mail' | 'webhook';

interface Message {
  kind: NoticeKind | 'test';
  text: Text;
  /** Where to look in the product. */
  path: string;
}

export async function readAlerts(ctx: Context): Promise<Alerts> {
  const row = await ctx.db.selectFrom('settings').select('value').where('key', '=', 'alerts').executeTakeFirst();
  const stored = alertsSchema.omit({ smtpSet: true, failures: true }).safeParse(row?.value);
  const form = stored.success ? stored.data : empty;
  return { ...form, smtpSet: (await readSmtp(ctx)) !== null, failures: await readFailures(ctx) };
}

async function readSmtp(ctx: Context): Promise<string | null> {
  const { rows } = await ctx.pool.query<{ value: Buffer }>('select value from sealed_settings where key = $1', [
    smtpKey,
  ]);
  return rows[0] ? ctx.sealer.open(rows[0].value) : null;
}

export async function writeAlerts(
  ctx: Context,
  { smtp, ...change }: Partial<AlertsForm> & { smtp?: string | undefined },
): Promise<Alerts> {
  const { smtpSet: _, failures: __, ...known } = await readAlerts(ctx);
  const defined = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const value = toJsonb({ ...known, ...defined });
  await ctx.db
    .insertInto('settings')
    .values({ key: 'alerts', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
  if (smtp === '') await ctx.pool.query('delete from sealed_settings where key = $1', [smtpKey]);
  else if (smtp !== undefined) {
    await ctx.pool.query(
      `insert into sealed_settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`,
      [smtpKey, ctx.sealer.seal(smtp)],
    );
  }
  return readAlerts(ctx);
}

/** What kept the latest alert that is still unsent from leaving, by way. */
async function readFailures(ctx: Context): Promise<Alerts['failures']> {
  const { rows } = await ctx.pool.query<{ send_failure: Partial<Alerts['failures']> }>(
    `select send_failure from notices where sent_at is null and settled_at is null and send_failure is not null
     order by at desc limit 1`,
  );
  return { mail: null, webhook: null, ...rows[0]?.send_failure };
}

interface Result {
  sent: boolean;
  text: Text;
}

/** By mail and by webhook, where they are set and not in `without`; each tells what came of it. */
export async function sendAlert(
  ctx: Context,
  message: Message,
  without: Way[] = [],
): Promise<Record<Way, Result | null>> {
  const [alerts, smtp] = await Promise.all([readAlerts(ctx), readSmtp(ctx)]);
  const [mail, webhook] = await Promise.all([
    alerts.email !== '' && smtp !== null && !without.includes('mail')
      ? outcome(() => sendMail(ctx, { alerts, smtp, message }))
      : null,
    alerts.webhook !== '' && !without.includes('webhook') ? outcome(() => post(ctx, alerts.webhook, message)) : null,
  ]);
  return { mail, webhook };
}

async function outcome(send: () => Promise<void>): Promise<Result> {
  try {
    await send();
    return { sent: true, text: { en: 'Sent.', ru: 'Отправлено.' } };
  } catch (error) {
    const { text } = asConnectorError(error);
    return { sent: false, text };
  }
}

async function sendMail(ctx: Context, input: { alerts: Alerts; smtp: string; message: Message }): Promise<void> {
  const { alerts, smtp, message } = input;
  const transport = createTransport(smtp, {
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 30_000,
  } as object);
  const { en, ru } = inBoth(message.text);
  try {
    await transport.sendMail({
      from: alerts.from || alerts.email,
      to: alerts.email,
      subject: `Мостик: ${ru}`.slice(0, 150),
      text: `${ru}\n\n${en}\n\n${linkOf(ctx, message)}`,
    });
  } finally {
    transport.close();
  }
}

async function post(ctx: Context, url: string, message: Message): Promise<void> {
  const http = createHttp({
    limiter: ctx.limiter,
    bucket: null,
    secrets: [],
    guard: { allowed: ctx.config.allowHosts },
  });
  const { status } = await http.request({
    method: 'POST',
    url,
    json: { kind: message.kind, text: inBoth(message.text), link: linkOf(ctx, message), at: new Date().toISOString() },
    timeoutMs: 15_000,
  });
  if (status >= 300) {
    throw new ConnectorError({
      kind: 'temporary',
      code: 'alert.refused',
      text: fill({ en: 'The address answered {status}.', ru: 'Адрес ответил: {status}.' }, { status }),
    });
  }
}

const inBoth = (text: Text) => (typeof text === 'string' ? { en: text, ru: text } : text);

const linkOf = (ctx: Context, { path }: Message) => `${ctx.config.publicUrl ?? ownAddress(ctx.config)}${path}`;
