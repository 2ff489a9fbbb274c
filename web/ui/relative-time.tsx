import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLanguage } from './text.ts';
import { useZone } from './zone.ts';

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** «3 мин назад», «через 2 ч»; the exact time shows on hover, in the person's zone. */
export function RelativeTime({ at }: { at: string | null }) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  const zone = useZone();
  const now = useNow();
  if (at === null) return <span>{t('never')}</span>;
  return (
    <Tooltip label={exactTime(at, language, zone)}>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {relative(Date.parse(at), now, language) ?? t('now')}
      </time>
    </Tooltip>
  );
}

/** Undefined: it is now. Older than a month: the date itself says more. */
function relative(at: number, now: number, language: string): string | undefined {
  const seconds = (at - now) / 1000;
  if (Math.abs(seconds) > 30 * 86_400) return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(at);
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) < length) continue;
    const format = new Intl.RelativeTimeFormat(language, { style: unit === 'day' ? 'long' : 'short', numeric: 'auto' });
    return format.format(Math.trunc(seconds / length), unit);
  }
  return undefined;
}

/** A moment with seconds, in a zone: 25 ноября 2025 г., 14:03:22. */
export function exactTime(at: string, language: string, zone: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'medium', timeZone: zone }).format(
    Date.parse(at),
  );
}

const listeners = new Set<(now: number) => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** One timer for all times on the screen. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    listeners.add(setNow);
    ticking ??= setInterval(() => {
      for (const listener of listeners) listener(Date.now());
    }, 15_000);
    return () => {
      listeners.delete(setNow);
      if (listeners.size > 0) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, []);
  return now;
}
