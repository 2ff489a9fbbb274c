import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { filters } from 'liquidjs';
import { DateTime } from 'luxon';
import { fill, type Text } from '../../../kit/text.ts';
import { formulaTexts } from './formula-list.ts';
import {
  dayIn,
  fold,
  isEmpty,
  momentIn,
  print,
  readBoolean,
  readNumber,
  readWhen,
  toInstant,
  type When,
} from './reading.ts';

export interface FormulaOptions {
  /** IANA zone of the flow. */
  zone: string;
  country: string;
  now: Date;
}

/** A formula was given something it cannot work with; the words are shown at the field. */
export class FormulaError extends Error {
  readonly text: Text;
  constructor(text: Text) {
    super(typeof text === 'string' ? text : text.en);
    this.text = text;
  }
}

/** Liquid's own filters, called with its `this`. */
const builtIn = filters as unknown as Record<string, (this: unknown, ...values: unknown[]) => unknown>;

type Formula = (this: { options: FormulaOptions; liquid: unknown }, value: unknown, ...rest: unknown[]) => unknown;

const notADate = (value: unknown) =>
  new FormulaError(
    fill({ en: '"{value}" is not a date', ru: '«{value}» — не дата' }, { value: print(value).slice(0, 100) }),
  );

/** `now` and `today` are words; ten or thirteen digits are Unix time in seconds or milliseconds. */
function whenOf(value: unknown, { zone, now }: FormulaOptions): When {
  const text = print(value).trim();
  if (text === 'now') return { moment: DateTime.fromJSDate(now, { zone }) };
  if (text === 'today') return { day: DateTime.fromJSDate(now, { zone }).toFormat('yyyy-MM-dd') };
  if (/^\d{10}$/.test(text)) return { moment: DateTime.fromSeconds(Number(text), { zone }) };
  if (/^\d{13}$/.test(text)) return { moment: DateTime.fromMillis(Number(text), { zone }) };
  const when = readWhen(text, zone);
  if (!when) throw notADate(value);
  return when;
}

/** Moves a date by so many units; a day stays a day, a moment a moment. */
const shift = (unit: 'days' | 'hours' | 'minutes' | 'months'): Formula =>
  function (value, amount) {
    if (isEmpty(value)) return null;
    const when = whenOf(value, this.options);
    const by = { [unit]: numberOf(amount) };
    if ('day' in when && (unit === 'days' || unit === 'months')) {
      return momentIn(when, 'utc').plus(by).toFormat('yyyy-MM-dd');
    }
    return toInstant(momentIn(when, this.options.zone).setZone(this.options.zone).plus(by));
  };

function numberOf(value: unknown): number {
  if (isEmpty(value)) return 0;
  const number = readNumber(value);
  if (number !== null) return number;
  throw new FormulaError(
    fill({ en: '"{value}" is not a number', ru: '«{value}» — не число' }, { value: print(value).slice(0, 100) }),
  );
}

/** Arithmetic that reads "1 200,50" and does not turn 0.1 + 0.2 into 0.30000000000000004. An empty value stays empty. */
const arithmetic =
  (work: (a: number, b: number) => number): Formula =>
  (value, other) => {
    if (isEmpty(value)) return null;
    const result = work(numberOf(value), numberOf(other));
    if (!Number.isFinite(result)) {
      throw new FormulaError({ en: 'division by zero', ru: 'деление на ноль' });
    }
    return Number(result.toPrecision(15));
  };

/** By shifting the point in the decimal text, halves away from zero: 1.005 to two digits is 1.01, -1.005 is -1.01. */
function roundTo(number: number, digits: number): number {
  const size = Number(`${Math.round(Number(`${Math.abs(number)}e${digits}`))}e${-digits}`);
  if (!Number.isFinite(size)) return number;
  return number < 0 && size !== 0 ? -size : size;
}

const eachOf =
  (work: (value: unknown) => unknown): Formula =>
  (value) =>
    Array.isArray(value) ? value.map(work) : work(value);

const part = (key: 'id' | 'label') => (value: unknown) => {
  if (value === null || typeof value !== 'object') return value;
  const found = (value as Record<string, unknown>)[key];
  return found ?? (key === 'label' ? print(value) : null);
};

/** What Liquid does not have, or does in a way that surprises. */
const ours: Record<string, Formula> = {
  date(value, format, zone) {
    if (isEmpty(value)) return null;
    const inZone = isEmpty(zone) ? this.options.zone : print(zone);
    if (!DateTime.local({ zone: inZone }).isValid) {
      throw new FormulaError(
        fill({ en: 'there is no time zone "{zone}"', ru: 'часового пояса «{zone}» нет' }, { zone: inZone }),
      );
    }
    const when = whenOf(value, this.options);
    // A day has no zone: it is the same day wherever it is printed.
    const at = 'day' in when ? momentIn(when, inZone) : when.moment;
    return builtIn.date?.call(this.liquid, at.toJSDate(), isEmpty(format) ? '%d.%m.%Y' : print(format), inZone);
  },
  add_days: shift('days'),
  add_hours: shift('hours'),
  add_minutes: shift('minutes'),
  add_months: shift('months'),
  days_since(value) {
    if (isEmpty(value)) return null;
    const { zone, now } = this.options;
    const day = DateTime.fromISO(dayIn(whenOf(value, this.options), zone), { zone: 'utc' });
    const today = DateTime.fromISO(DateTime.fromJSDate(now, { zone }).toFormat('yyyy-MM-dd'), { zone: 'utc' });
    return Math.round(today.diff(day, 'days').days);
  },
  phone(value, country, form) {
    const { options } = this;
    return eachOf((one) =>
      formatPhone(print(one), isEmpty(country) ? options.country : print(country), print(form)),
    ).call(this, value);
  },
  digits: eachOf((one) => print(one).normalize('NFKC').replace(/\D/g, '')),
  strip_bbcode: (value) => print(value).replace(/\[\/?(?:[a-z]+[1-6]?|\*)(?:=[^\]]*)?\]/gi, ''),
  number: (value) => (isEmpty(value) ? null : numberOf(value)),
  plus: arithmetic((a, b) => a + b),
  minus: arithmetic((a, b) => a - b),
  times: arithmetic((a, b) => a * b),
  divided_by: arithmetic((a, b) => a / b),
  modulo: arithmetic((a, b) => a % b),
  at_least: arithmetic(Math.max),
  at_most: arithmetic(Math.min),
  abs: arithmetic(Math.abs),
  ceil: arithmetic(Math.ceil),
  floor: arithmetic(Math.floor),
  round: arithmetic(roundTo),
  label: eachOf(part('label')),
  id: eachOf(part('id')),
  map_value(value, ...pairs) {
    const names = [print(value), print(part('id')(value))].map(fold);
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      if (names.includes(fold(print(pairs[at])))) return pairs[at + 1];
    }
    return null;
  },
  yes_no: (value, yes, no) => (isEmpty(value) ? null : readBoolean(value) ? (yes ?? 'да') : (no ?? 'нет')),
};

function formatPhone(text: string, country: string, form: string): string {
  const number = parsePhoneNumberFromString(text, isSupportedCountry(country) ? country : undefined);
  if (!number?.isPossible()) return text.trim();
  if (form === 'national') return number.formatNational();
  return form === 'international' ? number.formatInternational() : number.number;
}

/** The filters an engine gets: exactly the described ones. */
export function formulaFilters(optionsOf: (context: object) => FormulaOptions): Record<string, unknown> {
  const described: Record<string, unknown> = {};
  for (const { name } of formulaTexts) {
    const own = ours[name];
    described[name] = own
      ? function (this: { context: object }, value: unknown, ...rest: unknown[]) {
          return own.call({ options: optionsOf(this.context), liquid: this }, value, ...rest);
        }
      : builtIn[name];
  }
  return described;
}
