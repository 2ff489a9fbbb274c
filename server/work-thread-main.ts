import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { createLogger } from './logger.ts';
import { openContext, startRoles } from './main.ts';
import type { ThreadNews, ThreadOrder } from './work-thread.ts';

/** The thread of `openWorkThread`: works on runs and jobs, as `mostik work` does, until told to stop. */
const port = parentPort;
if (!port) throw new Error('This file is a thread of mostik start.');

const say = (news: ThreadNews) => port.postMessage(news);
const [order] = (await once(port, 'message')) as [ThreadOrder];
if (order.kind === 'start') {
  const { databaseUrl, config: sent } = order;
  // A Buffer arrives as the plain bytes it is made of.
  const config = { ...sent, secretKey: sent.secretKey && Buffer.from(sent.secretKey) };
  const { ctx, close } = await openContext({ config, databaseUrl, log: createLogger(config.logLevel) });
  const running = await startRoles(ctx, { serves: false, works: true });
  const told = once(port, 'message');
  say({ kind: 'ready' });
  await told;
  await running.stop();
  await close();
}
say({ kind: 'stopped' });
