import { parseArgs } from 'node:util';
import { issueApiKey, resetPassword } from './accounts/index.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import type { Context } from './context.ts';
import { EmbeddedError } from './db/embedded-user.ts';
import { MigrationError } from './db/migrate.ts';
import { DatabaseMissing, openDatabase } from './db/open.ts';
import { ApplyError, appliedLine, applyFile } from './flows/apply/index.ts';
import { Problem } from './http/problem.ts';
import { createLogger } from './logger.ts';
import { migrateAll, openContext } from './main.ts';
import { runDemo, runServer } from './serve.ts';

const help = `mostik <command>

  start                  everything in one process: pages, API, runs, jobs, and a database when DATABASE_URL is not set
  serve                  pages and API only
  work                   runs and jobs only
  migrate                bring the database to this version of the program
  apply FILE             make connections and flows as the YAML file says; doing it again changes nothing
  demo                   a demo company with its own data and stand-ins for the outside apps
  reset-password EMAIL   give a person a new password and print it
  api-key NAME           make a key for the API and print it
  help                   this text

Settings come from the environment; docs/hosting/configuration.md lists them.
`;

/** A wrong command line: the text says what is right. */
class UsageError extends Error {
  override name = 'UsageError';
}

type Command = (operands: string[]) => Promise<void>;

function only(operands: string[], usage: string): string {
  const [operand] = operands;
  if (operand === undefined || operands.length > 1) throw new UsageError(`Usage: mostik ${usage}`);
  return operand;
}

/** Opens the context for one short piece of work, on the living database or one that is started for it. */
async function withContext(work: (ctx: Context) => Promise<void>, config: Config = readConfig()): Promise<void> {
  const log = createLogger(config.logLevel === 'info' ? 'warn' : config.logLevel);
  const database = await openDatabase({ config, log, as: 'visitor' });
  try {
    const { ctx, close } = await openContext({ config, databaseUrl: database.url, log });
    try {
      await migrateAll(ctx);
      await work(ctx);
    } finally {
      await close();
    }
  } finally {
    await database.close();
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const commands: Record<string, Command> = {
  start: () => runServer({ serves: true, works: true, owns: true }),
  serve: () => runServer({ serves: true, works: false, owns: false }),
  work: () => runServer({ serves: false, works: true, owns: false }),
  migrate: () => withContext(async () => say('The database is at this version.')),
  apply: async (operands) => {
    const file = only(operands, 'apply FILE.yaml');
    await withContext(async (ctx) => {
      for (const applied of await applyFile(ctx, file)) say(appliedLine(applied));
    });
  },
  demo: () => runDemo(),
  'reset-password': async (operands) => {
    const email = only(operands, 'reset-password EMAIL');
    await withContext(async (ctx) => say(`The new password of ${email}: ${await resetPassword(ctx, email)}`));
  },
  'api-key': async (operands) => {
    const name = only(operands, 'api-key NAME');
    await withContext(async (ctx) => say(`The new key, shown this once: ${await issueApiKey(ctx, name)}`));
  },
  help: async () => say(help),
};

/** What went wrong, in words; a stack only for what nobody foresaw. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = [ConfigError, UsageError, EmbeddedError, MigrationError, DatabaseMissing, Problem, ApplyError];
  if (known.some((kind) => error instanceof kind)) return error.message;
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. Set another one, for example PORT=8090.`;
  if (code === 'ENOENT' || code === 'EACCES') return error.message;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
    return `The database cannot be reached: ${error.message}. Check DATABASE_URL.`;
  if (code === '28P01' || code === '3D000') return `The database refuses us: ${error.message}. Check DATABASE_URL.`;
  return error.stack ?? error.message;
}

/** Runs one command of the command line; on failure says why and leaves exit code 1. */
export async function runCommand(args: string[]): Promise<void> {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    });
    if (values.version) return say(readConfig({}).version);
    const [name = 'help', ...operands] = values.help ? ['help'] : positionals;
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new UsageError(`There is no command "${name}".\n\n${help}`);
    await command(operands);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}
