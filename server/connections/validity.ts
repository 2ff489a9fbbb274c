import { fill } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { quoted, raiseNotice, settleNotice } from '../notice.ts';
import { isPast } from './doctor.ts';

/** It is told this long before the last day. */
const daysAhead = 14;

/** The access ends within two weeks, or has ended. */
export function endsSoon(day: string | null, now: Date = new Date()): day is string {
  return isPast(day, new Date(now.getTime() + (daysAhead + 1) * 86_400_000));
}

/** Tells once of each connection whose access ends soon; a new day or a renewed access settles it. */
export async function watchValidity(ctx: Context, connectionId?: string): Promise<void> {
  const rows = await ctx.db
    .selectFrom('connections')
    .select(['id', 'name', 'valid_until'])
    .$if(connectionId !== undefined, (query) => query.where('id', '=', connectionId ?? ''))
    .execute();
  for (const { id, name, valid_until: day } of rows) {
    if (endsSoon(day))
      await raiseNotice(ctx, {
        kind: 'connection.ending',
        connectionId: id,
        text: fill(isPast(day) ? hasEnded : willEnd, wordsOf(name, day)),
      });
    else await settleNotice(ctx, { kinds: ['connection.ending'], connectionId: id });
  }
}

const willEnd = {
  en: 'The access of the connection "{name}" is good until {en}. Make a new key over there and reconnect before that day is over.',
  ru: 'Доступ подключения «{name}» действует до {ru}. Пока этот день не прошёл, выпустите новый ключ и переподключите.',
};
const hasEnded = {
  en: 'The access of the connection "{name}" was good until {en}. Make a new key over there and reconnect.',
  ru: 'Доступ подключения «{name}» действовал до {ru}. Выпустите новый ключ и переподключите.',
};

const wordsOf = (name: string, day: string) => ({
  name: quoted(name),
  en: written(day, 'en-GB'),
  ru: written(day, 'ru-RU'),
});

const written = (day: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' })
    .format(new Date(day))
    .replace(/\s*г\.$/, '');
