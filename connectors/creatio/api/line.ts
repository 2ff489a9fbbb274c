import type { ConnectionContext } from '../../../kit/connector.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import { type Caller, createCaller } from '../caller.ts';
import { type Ask, type Dialect, queryText } from '../dialect.ts';
import { type About, noSuchObject, noSuchSet } from '../errors.ts';
import { readSettings, type Settings } from '../settings.ts';

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
  /** A failure of a set: OData 3 says of an unknown one what it says of an unknown record. */
  ofSet<T>(entity: string, answer: Promise<T>): Promise<T>;
}

export function openLine(connection: ConnectionContext, dialect: Dialect, app: string): Line {
  const settings = readSettings(connection);
  const about: About = { app, host: settings.host };
  const { ask, askMaybe, now } = createCaller({ connection, settings, dialect, about });
  const doubts = { any: false };
  const queryOf = (question: Ask): string => queryText(dialect.query(question));

  const doubting = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      if (error instanceof ConnectorError && error.code === noSuchObject) doubts.any = true;
      throw error;
    });

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
    ofSet: (entity, answer) =>
      answer.catch((error: unknown) => {
        if (!(error instanceof ConnectorError) || error.code !== 'http.404') throw error;
        doubts.any = true;
        throw noSuchSet(entity, about);
      }),
  };
}
