import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { openWorkThread } from './work-thread.ts';

it('a thread that broke before it was told to start fails the start, with the reason', async () => {
  const entry = new URL(`data:text/javascript,${encodeURIComponent('throw new Error("no such module")')}`);
  const thread = openWorkThread(readConfig({}), pino({ level: 'silent' }), entry);
  // By the time that a later thread has come and gone, ours has ended.
  await once(new Worker('', { eval: true }), 'exit');
  await expect(thread.begin('postgres://127.0.0.1:1/none')).rejects.toMatchObject({
    message: 'The thread that works on runs did not start.',
    cause: { message: 'no such module' },
  });
  await thread.stop();
});
