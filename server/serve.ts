import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { setupCode } from './accounts/index.ts';
import { type Config, readConfig } from './config.ts';
import { applyDemo, demoConfig, startSandbox, welcomeToDemo } from './demo.ts';
import { createLogger } from './logger.ts';
import { type Roles, type Running, start } from './main.ts';

/** Running work is given this long to finish or be handed back. */
const stopWithin = 10_000;

const untilSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });

/**
 * npm passes SIGTERM to the shell between us and it, and that shell ends without a word to us: all we see is another
 * parent. Windows has no such thing.
 */
const firstParent = process.ppid;

const untilOrphaned = (): Promise<string> =>
  new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid === firstParent) return;
      clearInterval(timer);
      resolve('npm was stopped');
    }, 250);
    timer.unref();
  });

const untilTold = (config: Config): Promise<string> =>
  config.underNpm ? Promise.race([untilSignal(), untilOrphaned()]) : untilSignal();

/** Stops in order; a second signal, or work that does not end, ends the process at once: whatever it held is taken over by lease. */
async function stopWell(log: Logger, stop: () => Promise<void>): Promise<void> {
  const giveUp = (why: string) => {
    log.warn(`${why}; what was under way goes on after the next start`);
    process.exit(1);
  };
  const timer = setTimeout(() => giveUp('Stopping took too long'), stopWithin + 5000);
  timer.unref();
  void untilSignal().then(() => giveUp('Asked twice to stop'));
  await stop();
}

/** Said at every log level: without these lines nobody gets in. In a terminal as plain words. */
function announce(log: Logger, line: string, fields: object): void {
  if (process.stdout.isTTY) process.stdout.write(`${line}\n`);
  else log.child({}, { level: 'info' }).info(fields, line);
}

async function warnAboutOldScreens(log: Logger): Promise<void> {
  const builder = new URL('../web/build.mjs', import.meta.url);
  if (!existsSync(builder)) return;
  const { webIsCurrent } = (await import(builder.href)) as { webIsCurrent(): boolean };
  if (!webIsCurrent())
    log.warn('The screens are missing or of other sources than the server. Build them with: npm run web');
}

/** `mostik start`, `serve`, `work`: from the settings to the signal that ends it. */
export async function runServer(roles: Roles & { owns: boolean }): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  // From the first moment: what comes during the start is done when it is over.
  const told = untilTold(config);
  const running = await start({ config, roles, log, owns: roles.owns });
  if (roles.serves) await welcome(running, log);
  else announce(log, 'Mostik works on runs and jobs', { version: config.version });
  const signal = await told;
  log.info({ signal }, 'stopping');
  await stopWell(log, () => running.stop());
  log.info('stopped');
}

async function welcome(running: Running, log: Logger): Promise<void> {
  const { config } = running.ctx;
  await warnAboutOldScreens(log);
  announce(log, `Mostik ${config.version} is ready: ${config.publicUrl ?? running.url}`, { url: running.url });
  const code = await setupCode(running.ctx);
  if (code !== null)
    announce(log, `Nobody is set up yet. From another computer the first visit asks for this code: ${code}`, {});
}

/** `mostik demo`: the whole product with a demo company, and the outside world as a child process. */
export async function runDemo(): Promise<void> {
  const config = demoConfig();
  const log = createLogger(config.logLevel === 'info' ? 'warn' : config.logLevel);
  const told = untilTold(config);
  // First, so that flows of an earlier start find their apps answering.
  const sandbox = await startSandbox(config);
  try {
    const running = await start({ config, roles: { serves: true, works: true }, log, owns: true });
    const stop = async () => {
      await running.stop();
      await sandbox.stop();
    };
    try {
      await applyDemo(running.ctx, sandbox);
      await warnAboutOldScreens(log);
      process.stdout.write(welcomeToDemo(running.ctx, sandbox));
    } catch (error) {
      await running.stop();
      throw error;
    }
    await told;
    await stopWell(log, stop);
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
}
