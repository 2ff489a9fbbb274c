import process from 'node:process';
import { z } from 'zod';
import { servePage } from './page-server.ts';
import { startWorld } from './world.ts';

/** The outside world of the demo: every app of it at SANDBOX_PORT + 1 and on, and a page to play it at SANDBOX_PORT. */
const { SANDBOX_PORT, HOST, MOSTIK_URL, SANDBOX_STATE } = z
  .object({
    SANDBOX_PORT: z.coerce.number().int().min(1).max(65_530).default(8081),
    HOST: z.string().default('127.0.0.1'),
    MOSTIK_URL: z.string().optional(),
    /** A JSON file; without it the world begins anew at each start. */
    SANDBOX_STATE: z.string().optional(),
  })
  .parse(process.env);

const address = z.url().nullable();
/** What the demo tells us when Mostik's connections are there: under which addresses it listens. */
const told = z.object({ hooks: z.object({ bitrix24: address, hubex: address, creatio: address, form: address }) });

function giveUp(error: unknown): never {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  const why = code === 'EADDRINUSE' ? `Port ${port} is taken by another program.` : String(error);
  process.stderr.write(`The sandbox cannot start. ${why}\n`);
  process.exit(1);
}

const world = await startWorld({
  port: SANDBOX_PORT + 1,
  stateFile: SANDBOX_STATE,
  mostik: MOSTIK_URL ?? null,
}).catch(giveUp);
// The page's port comes last, since whoever started us waits for it.
const page = await servePage(world, { host: HOST, port: SANDBOX_PORT }).catch(giveUp);

process.on('message', (message) => world.setHooks(told.parse(message).hooks));

const stop = async () => {
  await page.stop();
  await world.stop();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
// The demo was killed: nobody else would end us, and the next start needs our ports.
process.once('disconnect', () => void stop());
