#!/usr/bin/env node
import '../scripts/node-24.mjs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Beside the packages, which belong to whoever installed them: a cache in /tmp could be written by others.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));
const { runCommand } = await import('./commands.ts');
await runCommand(process.argv.slice(2));
