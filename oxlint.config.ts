// The lint rules, and above all the walls between the rooms. scripts/walls.test.ts proves every wall.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of `server/` that stand under the rooms, or beside them. */
const notRooms = new Set(['db', 'jobs', 'http', 'testing']);
const server = join(import.meta.dirname, 'server');
const rooms = existsSync(server)
  ? readdirSync(server, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !notRooms.has(entry.name))
      .map(({ name }) => name)
  : [];
/** The steps of a run in `server/flows`, as run.ts walks them. */
const steps = ['load', 'filter', 'once', 'mapping', 'duplicate', 'action'];

type Wall = { message: string } & ({ regex: string } | { group: string[] });
const imports = (files: string[], walls: Wall[]) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: walls }] },
});

const noTests: Wall = {
  regex: String.raw`(^|/)(testing|dev|sandbox|e2e|bench|chaos)/|(^|/)stand-in(\.ts$|/)`,
  message: 'Shipped code never imports a stand-in or the test harness. The demo runs the sandbox as a child process.',
};
const noWeb: Wall = {
  regex: String.raw`^(\.\./)+web/`,
  message: 'The server knows nothing of the web. Move what both need into a contract.ts.',
};
/** Commands have a door of their own in flows, so that the server does not load what only they need. */
const doorFiles = ['index.ts', 'contract.ts', 'apply/index.ts'];
const doors = (names: string[], ups: string[]): Wall => ({
  group: ups.flatMap((up) =>
    names.flatMap((room) => [`${up}${room}/**`, ...doorFiles.map((file) => `!${up}${room}/${file}`)]),
  ),
  message: "Use the door: import the room's index.ts, or its contract.ts for promises.",
});
/** From a room, and from the folders in it. */
const outside = ['../', '../../', '../../../'];
const noRooms: Wall = {
  group: rooms.flatMap((room) => [`../${room}/**`, `!../${room}/contract.ts`]),
  message: 'The rooms stand on this; it knows none of them, but for the types of what they keep.',
};
const onlyConnections: Wall = {
  regex: String.raw`^(\.\./)+(${rooms.filter((room) => room !== 'connections' && room !== 'flows').join('|')})/`,
  message: 'Flows use the door of connections and of no other room; rooms reach flows as a connector.',
};
const noConnectorNeighbour = (up: string): Wall => ({
  regex: String.raw`^${up}([^.]|(\.\./)+(server|web)/)`,
  message: 'A connector imports the kit and its own folder. Ask the kit for it, or add it there.',
});
const otherSteps = (step: string): Wall => ({
  regex: String.raw`^\./(${steps.filter((other) => other !== step).join('|')})\.ts$`,
  message: 'A step imports no other step: the walk goes one way, in run.ts.',
});

const serverWalls = [noTests, noWeb];
const roomWalls = rooms.map((room) => {
  const others = rooms.filter((other) => other !== room);
  return imports([`server/${room}/**/*.ts`], [doors(others, outside), ...serverWalls]);
});
const flowsWalls = [doors(['connections'], outside), onlyConnections, ...serverWalls];

export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error' },
  ignorePatterns: ['web/dist', 'coverage'],
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': ['error', { checksVoidReturn: false }],
    'typescript/only-throw-error': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/unbound-method': 'off',
    'typescript/no-meaningless-void-operator': 'off',
    'typescript/no-base-to-string': 'off',
    'typescript/no-misused-spread': 'off',
    'typescript/restrict-template-expressions': 'off',
    'typescript/require-array-sort-compare': 'off',
    'no-unused-vars': [
      'error',
      { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
    ],
    'import/no-cycle': 'error',
    'node/no-process-env': 'error',
  },
  overrides: [
    imports(
      ['kit/**/*.ts'],
      [
        {
          regex: String.raw`^(\.\./)+(server|connectors|web)/`,
          message: 'The kit stands on nothing of ours. Declare what must be kept, and let the server keep it.',
        },
        {
          regex: String.raw`(^|/)stand-in(\.ts$|/)|^\./testing/`,
          message: 'Shipped code never imports a stand-in or the test harness.',
        },
      ],
    ),
    imports(
      ['connectors/*.ts'],
      [
        {
          regex: String.raw`^\.\./(server|web)/`,
          message: "The shelf imports the kit and the connectors' index.ts only.",
        },
        noTests,
      ],
    ),
    imports(['connectors/*/*.ts'], [noConnectorNeighbour(String.raw`\.\./`), noTests]),
    imports(['connectors/*/*/*.ts'], [noConnectorNeighbour(String.raw`\.\./\.\./`), noTests]),
    imports(['connectors/*/*/*/*.ts'], [noConnectorNeighbour(String.raw`\.\./\.\./\.\./`), noTests]),
    imports(['server/*.ts'], [doors(rooms, ['./']), ...serverWalls]),
    imports(['server/{db,jobs}/**/*.ts'], [noRooms, ...serverWalls]),
    imports(['server/http/**/*.ts'], [doors(rooms, outside), ...serverWalls]),
    ...roomWalls,
    imports(['server/flows/**/*.ts'], flowsWalls),
    ...steps.map((step) => imports([`server/flows/${step}.ts`], [otherSteps(step), ...flowsWalls])),
    imports(
      ['web/**/*.{ts,tsx}'],
      [
        {
          group: ['**/server/**', '!**/server/**/contract.ts'],
          message: "The web sees promises, not code: import the room's contract.ts.",
        },
        {
          regex: String.raw`^(\.\./)+(connectors|kit|sandbox)/`,
          message: 'The web sees promises, not code: what it needs comes over the API.',
        },
      ],
    ),
    {
      files: ['server/**/*.ts', 'connectors/**/*.ts'],
      rules: {
        'no-restricted-globals': [
          'error',
          {
            name: 'fetch',
            message: "Call out through the connection's http (kit/http.ts): it limits, guards and records.",
          },
        ],
      },
    },
    {
      files: ['connectors/*/stand-in.ts', 'connectors/*/stand-in/**/*.ts'],
      rules: {
        'no-restricted-globals': 'off',
        ...imports(
          [],
          [
            {
              regex: String.raw`^(\.\./)+(server|web|sandbox)/`,
              message: "A stand-in knows its own vendor and the kit's testing folder only.",
            },
          ],
        ).rules,
      },
    },
    {
      files: [
        '**/*.test.ts',
        '**/testing/**',
        'sandbox/**',
        'e2e/**',
        'bench/**',
        'chaos/**',
        'scripts/**',
        '*.config.ts',
      ],
      rules: {
        'no-restricted-globals': 'off',
        'no-restricted-imports': 'off',
        'typescript/no-explicit-any': 'off',
        'typescript/await-thenable': 'off',
        'node/no-process-env': 'off',
      },
    },
    { files: ['kit/connector.ts'], rules: { 'typescript/no-explicit-any': 'off' } },
    { files: ['web/app/router.tsx'], rules: { 'typescript/only-throw-error': 'off' } },
    { files: ['server/config.ts', 'web/vite.config.ts'], rules: { 'node/no-process-env': 'off' } },
  ],
};
