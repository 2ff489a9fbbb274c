// As cli.mjs: the cache is each thread's own.
import '../scripts/compile-cache.mjs';

await import('./work-thread-main.ts');
