import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Exchange, recordCall } from '../call.ts';
import type { Connector } from '../connector.ts';
import { ConnectorError, type ErrorKind } from '../errors.ts';
import type { Values } from '../field.ts';
import type { FormValues } from '../form.ts';
import type { Http, HttpRequest } from '../http.ts';
import type { CreateInput, RecordType } from '../record-type.ts';
import { type ConnectionForm, testConnection } from './connection.ts';
import type { StandInServer } from './stand-in.ts';

/** A case is left out only with a written reason. */
export type Skips<Case extends string> = Partial<Record<Case, string>>;

export type RecordCase =
  | 'fields'
  | 'samples'
  | 'changes'
  | 'quiet'
  | 'unknownIds'
  | 'find'
  | 'write'
  | 'repeat'
  | 'lostAnswer';
export type ConnectionCase = 'check' | 'wrongToken' | 'wrongAddress' | 'refusedToken' | 'limited' | 'down' | 'secrets';

/** What the suite must know to try one record type. */
export interface RecordCases<S extends StandInServer> {
  settings?: FormValues;
  /** Values of a valid new record; `n` makes them differ. */
  create?(standIn: S, n: number): Values;
  /** Values that change such a record. */
  update?(standIn: S, n: number): Values;
  /** What comes back for the values that were written, where the vendor changes or leaves out some. */
  returned?(written: Values): Values;
  /** How many records of this type the service keeps now. */
  count?(standIn: S): number;
  /** A record as the service keeps it, for types that cannot be loaded by id. */
  read?(standIn: S, id: string): Values | undefined;
  /** The request that makes the record over there. Default: the first POST. */
  isCreate?(request: HttpRequest): boolean;
  /** Somebody over there changes or makes a record; its id. */
  touch?(standIn: S): string | Promise<string>;
  /** A condition that finds the record made from these values. Default: by the first searchable field. */
  findBy?(values: Values): { field: string; value: Values[string] };
  /** Default `999999999`. */
  unknownId?: string;
  skip?: Skips<RecordCase>;
}

export interface TriggerCases<S extends StandInServer> {
  settings?: FormValues;
  /** It happens over there; how many items it makes. Default 1. */
  happen(standIn: S): void | number | Promise<void | number>;
}

export interface ContractOptions<S extends StandInServer> {
  /** A fresh service with a few records in it. */
  standIn(): Promise<S>;
  /** The form of a working connection to it. */
  connect(standIn: S): ConnectionForm;
  wrongToken?(standIn: S): ConnectionForm;
  wrongAddress?(standIn: S): ConnectionForm;
  records: Record<string, RecordCases<S>>;
  /** The connector's own triggers that poll. */
  triggers?: Record<string, TriggerCases<S>>;
  skip?: Skips<ConnectionCase>;
}

/** One running service and a connection to it; made anew for each case. */
export interface Bench<S extends StandInServer> {
  readonly standIn: S;
  readonly api: unknown;
  /** All requests of the connection so far, as the history would show them. */
  readonly exchanges: Exchange[];
  /** The connector's work, recorded. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** The answer to the next request that matches gets lost after the work was done. */
  loseAnswer(matches: (request: HttpRequest) => boolean): void;
  recordTypes(): Promise<RecordType<unknown>[]>;
}

/** A case, or the same case left out with its reason in the name. */
export function caseOrSkip<Case extends string>(skip: Skips<Case> | undefined) {
  return (name: Case, title: string, run: () => Promise<void>): void => {
    const reason = skip?.[name];
    if (reason === undefined) return void test(title, run);
    if (reason.trim().length < 10) throw new Error(`Say why "${name}" is left out`);
    test.skip(`${title} (left out: ${reason})`, () => {});
  };
}

/** Fails unless the work fails with this kind, in words of both languages. */
export async function expectKind(work: Promise<unknown>, kinds: ErrorKind | ErrorKind[]): Promise<ConnectorError> {
  const error = await work.then(
    (value) => expect.fail(`nothing failed; the answer was ${JSON.stringify(value)?.slice(0, 300)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectorError)) throw error;
  expect([kinds].flat(), `${error.code}: ${error.message}`).toContain(error.kind);
  expect(error.text).toEqual({ en: expect.stringMatching(/\S/), ru: expect.stringMatching(/[а-яё]/i) });
  return error;
}

export const createInput = (values: Values, settings: FormValues | undefined): CreateInput => ({
  values,
  settings: settings ?? {},
  repeatKey: randomUUID(),
});

export async function openBench<S extends StandInServer>(
  connector: Connector,
  options: ContractOptions<S>,
  form?: (standIn: S) => ConnectionForm,
): Promise<Bench<S>> {
  const standIn = await options.standIn();
  const exchanges: Exchange[] = [];
  let lose: ((request: HttpRequest) => boolean) | undefined;
  const wrapHttp = (http: Http): Http => ({
    request(request) {
      if (lose?.(request)) {
        lose = undefined;
        standIn.faults.once.push('dropAfter');
      }
      return http.request(request);
    },
  });
  const api = connector.connect(testConnection(connector, (form ?? options.connect)(standIn), { wrapHttp }));
  return {
    standIn,
    api,
    exchanges,
    run: (work) => recordCall({ priority: 'run', exchanges }, work),
    loseAnswer(matches) {
      lose = matches;
    },
    async recordTypes() {
      const found = await connector.discover?.(api);
      return [...Object.values(connector.records), ...(found ?? [])];
    },
  };
}
