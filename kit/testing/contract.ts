import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connector } from '../connector.ts';
import type { ErrorKind } from '../errors.ts';
import { secretParts } from '../http-record.ts';
import { type Bench, type ContractOptions, caseOrSkip, expectKind, openBench } from './bench.ts';
import type { ConnectionForm } from './connection.ts';
import { describeRecordType } from './contract-record.ts';
import { describeShelf } from './contract-shelf.ts';
import { describeTrigger } from './contract-trigger.ts';
import type { StandInServer } from './stand-in.ts';

/**
 * The suite every connector passes. What the kit's types promise is tried against the connector's stand-in on a real
 * socket: values in the declared forms, cursors that survive JSON, repeats that make no second record, failures of
 * the right kind, and a record of the exchanges without secrets.
 */
export function runConnectorContract<S extends StandInServer>(connector: Connector, options: ContractOptions<S>): void {
  describe(`contract of ${connector.key}`, () => {
    let bench: Bench<S>;
    const current = () => bench;
    beforeEach(async () => {
      bench = await openBench(connector, options);
    });
    afterEach(async () => {
      await bench.standIn.stop();
    });

    describeShelf(connector, current);
    describeConnection(connector, options, current);
    test('every record type is tried', async () => {
      expect(Object.keys(options.records).sort()).toEqual(Object.keys(connector.records).sort());
    });
    for (const [key, cases] of Object.entries(options.records)) describeRecordType({ connector, key, cases, current });
    for (const [key, cases] of Object.entries(options.triggers ?? {})) {
      describeTrigger({ connector, key, cases, current });
    }
  });
}

function describeConnection<S extends StandInServer>(
  connector: Connector,
  options: ContractOptions<S>,
  bench: () => Bench<S>,
): void {
  const attempt = caseOrSkip(options.skip);
  const check = () => bench().run(() => connector.check(bench().api));

  const checkOther = async (form: ((standIn: S) => ConnectionForm) | undefined, kinds: ErrorKind[]) => {
    if (!form) throw new Error('Give the form, or say in `skip` why there is none');
    const other = await openBench(connector, options, form);
    try {
      await expectKind(
        other.run(() => connector.check(other.api)),
        kinds,
      );
    } finally {
      await other.standIn.stop();
    }
  };

  attempt('check', 'says whose account it is', async () => {
    const account = await check();
    expect(account.label).toMatch(/\S/);
    expect(account.identity).toMatch(/\S/);
    expect((await check()).identity).toBe(account.identity);
  });
  attempt('wrongToken', 'tells a wrong token', () => checkOther(options.wrongToken, ['reconnect']));
  attempt('wrongAddress', 'tells a wrong address', () =>
    checkOther(options.wrongAddress, ['reconnect', 'rejected', 'temporary', 'gone']),
  );
  attempt('refusedToken', 'asks to reconnect when the token is refused', async () => {
    bench().standIn.faults.tokenRefused = true;
    await expectKind(check(), 'reconnect');
  });
  attempt('limited', 'waits when the limit is reached', async () => {
    bench().standIn.faults.limited = true;
    const error = await expectKind(check(), 'rateLimited');
    expect(error.outcome).toBe('notDone');
  });
  attempt('down', 'tries again later when the service is down', async () => {
    bench().standIn.faults.down = true;
    await expectKind(check(), 'temporary');
  });
  attempt('secrets', 'keeps secrets out of the record', async () => {
    await check();
    for (const recordType of await bench().recordTypes()) {
      const settings = options.records[recordType.key]?.settings ?? {};
      await bench().run(async () => recordType.newest?.(bench().api, { limit: 2, settings }));
    }
    const { secrets } = options.connect(bench().standIn);
    const kept = JSON.stringify(bench().exchanges);
    expect(bench().exchanges.length).toBeGreaterThan(0);
    for (const secret of Object.values(secrets).flatMap(secretParts)) {
      expect(kept).not.toContain(secret);
      expect(kept).not.toContain(encodeURIComponent(secret));
    }
  });
}
