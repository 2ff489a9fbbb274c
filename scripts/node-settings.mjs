// How Node is to run for a small machine. V8 and glibc read these before any of our code runs, so the program starts
// itself anew, as the same process (execve). Measured under full load on two cores (docs/decisions/0012-work-in-a-thread.md):
// - semi-spaces of 16 MB: at 8 MB runs in hand outlive two collections and are promoted, a tenth more CPU;
// - as many helpers of V8 as there are cores, not four: on two cores they got in the way of the work, a tenth fewer runs;
// - two arenas of malloc instead of sixteen, and blocks from 64 KB on given back at once: 25 MB.
const flags = ['--max-semi-space-size=16', '--v8-pool-size=0'];
const ofMalloc = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536' };

if (process.platform === 'linux' && !flags.every((flag) => process.execArgv.includes(flag))) {
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...flags, ...process.argv.slice(1)], {
    ...ofMalloc,
    ...process.env,
  });
}
// Ours alone: PostgreSQL, which we start, has its own ways with memory.
for (const name of Object.keys(ofMalloc)) delete process.env[name];
