#!/usr/bin/env node
// Plain JavaScript, as all that runs before the cache is on: the first TypeScript file that is not in it loads Node's
// type stripper, 20 MB in each thread.
import '../scripts/node-24.mjs';
import '../scripts/node-settings.mjs';
import '../scripts/compile-cache.mjs';

const { runCommand } = await import('./commands.ts');
await runCommand(process.argv.slice(2));
