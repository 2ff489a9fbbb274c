import type { ConnectionContext } from '../../../kit/connector.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import { type Caller, createCaller } from '../caller.ts';
import { type Ask, type Dialect, queryText } from '../dialect.ts';
import { type About, noSuchObject, noSuchSet, sessionRefusal, wrongAddress } from '../errors.ts';
import { readSettings, type Settings } from '../settings.ts';
import { unexpectedAnswer } from '../unexpected.ts';

/** What reading, writing and the services of a stand have in common. */
export interface Line extends Pick<Caller, 'ask' | 'askMaybe' | 'now'> {
  connection: ConnectionContext;
  settings: Settings;
  dialect: Dialect;
  about: About;
  /** Whether the stand refused an object that we thought it had. */
  doubts: { any: boolean };
  /** The address of a list, under the site, and its query. */
  pathOf(entity: string, ask: Ask): string;
  queryOf(ask: Ask): string;
  /** The stand has no such service, or does not open it to this way to sign in. */
  isClosed(error: unknown): boolean;
  /** The same, or it does not know the form of our request: other ways are open. */
  isMissing(error: unknown): boolean;
  /** A failure of a set: OData 3 says of an unknown one what it says of an unknown record. */
  ofSet<T>(entity: string, answer: Promise<T>): Promise<T>;
}

export function openLine(connection: ConnectionContext, dialect: Dialect, app: string): Line {
  const settings = readSettings(connection, dialect.domain);
  const about: About = { app, host: settings.host };
  const { ask, askMaybe, now } = createCaller({ connection, settings, dialect, about });
  const doubts = { any: false };
  const queryOf = (question: Ask): string => queryText(dialect.query(question));

  const doubting = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      if (error instanceof ConnectorError && error.code === noSuchObject) doubts.any = true;
      throw error;
    });

  /** Basic authorization opens EntityDataService alone (bpm’online, Authorization). */
  const isClosed = (error: unknown): boolean =>
    error instanceof ConnectorError &&
    (error.code === wrongAddress || (settings.signIn.kind === 'basic' && error.code === sessionRefusal));

  return {
    connection,
    settings,
    dialect,
    about,
    now,
    ask: (question) => doubting(ask(question)),
    askMaybe: (question) => doubting(askMaybe(question)),
    doubts,
    queryOf,
    pathOf(entity, question) {
      const query = queryOf(question);
      return `${dialect.service}/${dialect.set(entity)}${query === '' ? '' : `?${query}`}`;
    },
    isClosed,
    isMissing: (error) =>
      isClosed(error) ||
      (error instanceof ConnectorError &&
        (['rejected', 'noAccess', 'gone'].includes(error.kind) || error.code === unexpectedAnswer)),
    ofSet: (entity, answer) =>
      answer.catch((error: unknown) => {
        if (!(error instanceof ConnectorError) || error.code !== 'http.404') throw error;
        doubts.any = true;
        throw noSuchSet(entity, about);
      }),
  };
}
