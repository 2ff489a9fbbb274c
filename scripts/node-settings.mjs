// How Node is to run on a small machine. Node, V8 and glibc read these before any of our code runs, so the program starts
// itself anew, as the same process (execve). Measured under full load on two cores (docs/decisions/0012-work-in-a-thread.md).
const flags = [
  // Megabytes of young objects; V8 takes powers of two. Where runs are worked on 8 cost a tenth more CPU: what is in hand
  // outlives two collections and is promoted. 32 cost a twentieth less than 16, and 25 MB. Pages and inbound calls leave
  // nothing in hand, and the thread of `start` has 16 of its own.
  process.argv[2] === 'work' ? '--max-semi-space-size=16' : '--max-semi-space-size=4',
  // Old objects may grow by 60 % until they are collected, not to the double and more: 30 MB less under load, and no CPU
  // that could be measured.
  '--heap-growing-percent=60',
  // As many helpers of V8 as the machine has cores, not four: they got in the way of the work.
  '--v8-pool-size=0',
  // Node's own 50 MB of code on large pages: 4 % of the CPU. Where the system has none, nothing happens.
  '--use-largepages=silent',
];
// Two arenas rather than sixteen, and large blocks given back at once, whatever was freed before: 25 MB.
const ofMalloc = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' };

if (process.platform === 'linux' && !flags.every((flag) => process.execArgv.includes(flag))) {
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...flags, ...process.argv.slice(1)], {
    ...ofMalloc,
    ...process.env,
  });
}
// Ours alone: PostgreSQL, which we start, has its own ways with memory.
for (const name of Object.keys(ofMalloc)) delete process.env[name];
