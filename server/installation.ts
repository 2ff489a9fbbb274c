import type { Context } from './context.ts';
import { toJsonb } from './db/jsonb.ts';
import { type Settings, settingsSchema } from './settings/contract.ts';

const defaults: Settings = {
  brakePerHour: 200,
  defaultCountry: 'RU',
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  reconcileMinutes: 10,
  historyDays: 30,
  historyMegabytes: 5000,
};

/** Settings are read at most this often by each process; whoever asks meanwhile shares the answer. */
const freshMilliseconds = 2000;
const known = new WeakMap<Context, { at: number; settings: Promise<Settings> }>();

/** Settings of the installation, with defaults where nothing was changed. */
export function readSettings(ctx: Context): Promise<Settings> {
  const cached = known.get(ctx);
  if (cached && performance.now() - cached.at < freshMilliseconds) return cached.settings;
  const settings = fetchSettings(ctx);
  known.set(ctx, { at: performance.now(), settings });
  settings.catch(() => known.delete(ctx));
  return settings;
}

async function fetchSettings(ctx: Context): Promise<Settings> {
  const rows = await ctx.db.selectFrom('settings').selectAll().execute();
  const stored = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  return { ...defaults, ...settingsSchema.partial().parse(stored) };
}

export async function writeSettings(ctx: Context, change: Partial<Settings>): Promise<Settings> {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  if (entries.length > 0) {
    await ctx.db
      .insertInto('settings')
      .values(entries.map(([key, value]) => ({ key, value: toJsonb(value) })))
      .onConflict((conflict) => conflict.column('key').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
      .execute();
  }
  known.delete(ctx);
  return readSettings(ctx);
}
