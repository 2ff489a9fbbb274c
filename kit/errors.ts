import type { Written } from './record-type.ts';
import type { Text } from './text.ts';

/**
 * Each outside failure is turned into one of these once, at the edge; the kind decides what happens next.
 * reconnect: a person must renew the connection; runs wait for it.
 * rateLimited: wait until `until`; the other side did nothing.
 * temporary: try again with growing delays for up to a day.
 * rejected: the other side refuses this data; trying again changes nothing.
 * noAccess: the account may not do this.
 * gone: the record is not there any more.
 * startOver: the cursor is lost; read everything anew.
 */
export type ErrorKind = 'reconnect' | 'rateLimited' | 'temporary' | 'rejected' | 'noAccess' | 'gone' | 'startOver';

/** What is known of the call: surely nothing was done, or it may have been carried out. */
export type Outcome = 'notDone' | 'unknown';

interface FailureDetails {
  kind: ErrorKind;
  /** For machines, stable, like `bitrix24.query_limit`. */
  code: string;
  /** For people: which object, what happened, what to do next. */
  text: Text;
  /** The target field that was refused, when the other side names it. */
  field?: string;
  until?: Date;
  /** Of `rateLimited`: this kind of call alone must wait, other calls of the account go on. */
  onlyThisCall?: boolean;
  /** Default: `notDone`, except that a caller of http.ts sees `unknown` when the answer got lost on the way. */
  outcome?: Outcome;
  /** The record was made all the same, and what was to follow is refused for good: it is remembered as ours and not made again. */
  written?: Written;
  cause?: unknown;
}

export class ConnectorError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly text: Text;
  readonly field: string | undefined;
  readonly until: Date | undefined;
  readonly onlyThisCall: boolean;
  readonly outcome: Outcome;
  readonly written: Written | undefined;

  constructor(details: FailureDetails) {
    super(typeof details.text === 'string' ? details.text : details.text.en, { cause: details.cause });
    this.name = 'ConnectorError';
    this.kind = details.kind;
    this.code = details.code;
    this.text = details.text;
    this.field = details.field;
    this.until = details.until;
    this.onlyThisCall = details.onlyThisCall ?? false;
    this.outcome = details.outcome ?? 'notDone';
    this.written = details.written;
  }
}

/** An unforeseen error seen as a failure that may be tried again: a bug or an answer that nobody described must not lose an event. */
export function asConnectorError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  return new ConnectorError({
    kind: 'temporary',
    code: 'unforeseen',
    // Its own message is for programmers (a list of Zod's, a line of PostgreSQL's) and goes to the log as the cause.
    text: {
      en: 'Mostik met an error that nobody foresaw. We will try again; what exactly happened is in the log of the server.',
      ru: 'В Мостике произошла непредвиденная ошибка. Мы попробуем ещё раз; что именно случилось, записано в журнале сервера.',
    },
    outcome: 'unknown',
    cause: error,
  });
}
