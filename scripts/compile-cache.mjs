import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

// Keeps what V8 made of our files, types stripped: a start takes 0.2 s less a thread. Beside the packages, which belong to
// whoever installed them: a cache in /tmp could be written by others.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));
// Else it is written when the process ends in peace, and one that is killed never leaves any.
setTimeout(() => module.flushCompileCache(), 10_000).unref();
