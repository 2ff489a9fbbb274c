import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bitrix24StandIn, startBitrix24StandIn } from '../../../connectors/bitrix24/stand-in.ts';
import { type HubexStandIn, startHubexStandIn } from '../../../connectors/hubex/stand-in.ts';
import { startTestServer, type TestServer } from '../../testing/index.ts';
import { flowDraft } from '../contract.ts';
import { problemsOf } from '../problems/known.ts';
import { templates } from '../templates.ts';
import { ApplyError, parseFile } from './file.ts';
import { appliedLine, applyText } from './index.ts';

const page = readFileSync(new URL('../../../docs/using/as-code.md', import.meta.url), 'utf8');
const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

const parse = (text: string) =>
  parseFile({ text, file: 'f.yaml', variable: (name) => (name === 'TOKEN' ? 'secret' : undefined) });
const mistakesOf = (text: string): string => {
  try {
    parse(text);
    return '';
  } catch (error) {
    if (error instanceof ApplyError) return error.message;
    throw error;
  }
};

describe('reading a file', () => {
  test('puts values of the environment into connections and leaves flows alone', () => {
    const { connections, flows } = parse(`
connections:
  - { name: A, connector: hubex, secrets: { serviceToken: 'x\${TOKEN}y' } }
flows:
  - name: F
    trigger: { connection: A, trigger: task.created, mode: poll }
    steps:
      - { connection: A, action: task.create, mapping: { notes: 'costs \${TOKEN}', cost: 5, type: { kind: constant, value: Ремонт } } }
`);
    expect(connections[0]?.secrets).toEqual({ serviceToken: 'xsecrety' });
    expect(flows[0]).toMatchObject({ start: false, trigger: { everyMinutes: 5, once: false } });
    expect(flows[0]?.steps[0]?.mapping).toEqual({
      notes: { kind: 'template', text: 'costs ${TOKEN}' },
      cost: { kind: 'constant', value: 5 },
      type: { kind: 'constant', value: 'Ремонт' },
    });
  });

  test.each<[string, string, string]>([
    ['broken YAML', 'connections:\n  - name: "A', 'f.yaml:2:13: Missing closing "quote'],
    [
      'an unknown key',
      'connections:\n  - name: A\n    conector: hubex\n    connector: hubex\n',
      'f.yaml:3:5: Unknown key "conector".',
    ],
    ['an unknown key at the top', 'conections: []\n', 'f.yaml:1:1: Unknown key "conections".'],
    ['a missing key', 'connections:\n  - connector: hubex\n', 'f.yaml:2:5: "name" is missing.'],
    [
      'a missing variable',
      'connections:\n  - name: A\n    connector: x\n    secrets:\n      a: ${NOPE}\n',
      'f.yaml:5:7: The environment has no variable NOPE.',
    ],
    [
      'an unknown key deep in a filter',
      'flows:\n  - name: F\n    trigger: { connection: A, trigger: t, mode: poll }\n    filter:\n      combinator: and\n      rules:\n        - field: a\n          operater: equals\n          operator: equals\n    steps:\n      - { connection: A, action: b }\n',
      'f.yaml:8:11: Unknown key "operater".',
    ],
    [
      'an unknown kind of template',
      'flows:\n  - name: F\n    trigger: { connection: A, trigger: t, mode: poll }\n    steps:\n      - connection: A\n        action: b\n        mapping:\n          x: { kind: tabel }\n',
      'f.yaml:8:16: "kind":',
    ],
  ])('%s is told at its place', (_, text, start) => {
    expect(mistakesOf(text)).toContain(start);
  });

  test('all mistakes are told at once, in the order of the file', () => {
    expect(
      mistakesOf('flows: [{ start: maybe }]\nconnections: [{ name: 5 }]\n')
        .split('\n')
        .map((line) => line.slice(0, 9)),
    ).toEqual(['f.yaml:1:', 'f.yaml:1:', 'f.yaml:1:', 'f.yaml:1:', 'f.yaml:2:', 'f.yaml:2:']);
  });
});

describe('applying a file', () => {
  let server: TestServer;
  let bitrix: Bitrix24StandIn;
  let hubex: HubexStandIn;
  beforeAll(async () => {
    [server, bitrix, hubex] = await Promise.all([
      startTestServer({ works: false }),
      startBitrix24StandIn({ limited: false }),
      startHubexStandIn({ seed: true }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), bitrix?.stop(), hubex?.stop()]);
  });

  /** The page's example, pointed at the stand-ins. */
  const text = () =>
    example
      .replace(
        '      webhookUrl: ${BITRIX24_WEBHOOK}\n',
        (line) => `${line}    endpoints: { rest: '${bitrix.restBase}' }\n`,
      )
      .replace(
        '      serviceToken: ${HUBEX_TOKEN}\n',
        (line) => `${line}    endpoints: { api: '${hubex.apiUrl}' }\n    fields: { callsPerMinute: 60000 }\n`,
      );
  const apply = async (content: string) => {
    const secrets: Record<string, string> = { BITRIX24_WEBHOOK: bitrix.webhookUrl, HUBEX_TOKEN: hubex.serviceToken };
    const applied = await applyText(server.ctx, { text: content, file: 'f.yaml', variable: (name) => secrets[name] });
    return applied.map(appliedLine);
  };
  const refused = async (content: string) => {
    const error = await apply(content).then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(ApplyError);
    return (error as ApplyError).message;
  };
  const count = async () => {
    const { rows } = await server.ctx.pool.query(
      'select (select count(*) from connections) + (select count(*) from flows) as n',
    );
    return Number(rows[0].n);
  };

  test('a file with mistakes writes nothing', async () => {
    const broken = text()
      .replace('action: task.create', 'action: task.make')
      .replace('connection: HubEx', 'connection: Hubex');
    expect(await refused(broken)).toMatch(/^f\.yaml:\d+:\d+: There is no connection "Hubex"\./);
    const formula = text().replace(
      '{{ trigger.comments | strip_bbcode }}',
      '{{ trigger.comments | strip }} {{ x | nope }}',
    );
    expect(await refused(formula)).toMatch(/f\.yaml:\d+:11: "notes": there is no formula "nope"/);
    const secret = text().replace('webhookUrl:', 'webhokUrl:');
    expect(await refused(secret)).toContain('Unknown key "webhokUrl". Known: webhookUrl');
    expect(await count()).toBe(0);
  });

  test('the example of the page is made, started, and left alone the second time', async () => {
    expect(await apply(text())).toEqual([
      'connection "Bitrix24": created',
      'connection "HubEx": created',
      'flow "Deal to task": created, started',
      'flow "Task completed to deal": created, started',
    ]);
    const { rows } = await server.ctx.pool.query('select name, state from flows order by created_at');
    expect(rows).toEqual([
      { name: 'Deal to task', state: 'waits' },
      { name: 'Task completed to deal', state: 'works' },
    ]);
    expect(await apply(text())).toEqual([
      'connection "Bitrix24": unchanged',
      'connection "HubEx": unchanged',
      'flow "Deal to task": unchanged',
      'flow "Task completed to deal": unchanged',
    ]);
    const versions = await server.ctx.pool.query('select count(*) as n from flow_versions');
    expect(Number(versions.rows[0].n)).toBe(2);
  });

  test('a change touches what it is about', async () => {
    const changed = text()
      .replace('everyMinutes: 5', 'everyMinutes: 7')
      .replace('callsPerMinute: 60000', 'callsPerMinute: 50000');
    expect(await apply(changed)).toEqual([
      'connection "Bitrix24": unchanged',
      'connection "HubEx": updated',
      'flow "Deal to task": unchanged',
      'flow "Task completed to deal": updated',
    ]);
    expect(await apply(text())).toHaveLength(4);
  });

  test('what only the other side knows is told at its line, too', async () => {
    expect(await refused(text().replace('value: Ремонт', 'value: Полёт'))).toMatch(
      /^f\.yaml:\d+:11: "Task type": the choice "Полёт" is no longer there\.$/,
    );
    expect(await refused(text().replace('erpID: ', 'erpCode: '))).toMatch(/"erpCode": there is no such field any more/);
    await apply(text());
  });

  test('the ready-made flows lack only what depends on the account', async () => {
    const ids: Record<string, string[]> = {};
    const { rows } = await server.ctx.pool.query('select id, connector from connections');
    for (const { id, connector } of rows) ids[connector] = [id];
    const lacking = await Promise.all(
      templates.slice(0, 2).map(async ({ build }) => {
        const problems = await problemsOf(server.ctx, flowDraft.parse(build(ids)));
        return problems.map(({ code, field }) => `${field} ${code}`);
      }),
    );
    expect(lacking).toEqual([['taskType mapping.required'], ['stage mapping.table']]);
  });
});
