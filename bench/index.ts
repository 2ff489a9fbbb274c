/** `npm run bench -- NAME`: each benchmark prints a table and, as its last line, one JSON object. */
const benches: Record<string, () => Promise<unknown>> = {
  flows: () => import('./flows.ts'),
  history: () => import('./history.ts'),
  backfill: () => import('./backfill.ts'),
};

const [name = ''] = process.argv.slice(2);
const bench = benches[name];
if (bench) {
  await bench();
} else {
  console.error(`Which benchmark? One of: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
}
