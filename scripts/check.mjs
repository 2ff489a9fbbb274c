// npm run check: format, lint with the walls, types, dead code. All steps run, even when one fails.
import './node-24.mjs';
import { existsSync } from 'node:fs';
import { run } from './steps.mjs';

const steps = [
  ['format', 'biome', ['check', '.']],
  ['lint and walls', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['types', 'tsc', ['-p', '.']],
  ...(existsSync('web/tsconfig.json') ? [['types of the web', 'tsc', ['-p', 'web']]] : []),
  ['dead code', 'knip', ['--no-progress']],
];

const failed = [];
for (const [name, command, args] of steps) {
  const began = performance.now();
  const code = await run(command, args);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name}  (${command} ${args.join(' ')}, ${seconds} s)\n`);
  if (code !== 0) failed.push(name);
}
console.log(failed.length === 0 ? 'Everything is in order.' : `Not in order: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
