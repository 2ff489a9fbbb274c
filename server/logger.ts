import pino, { type Logger } from 'pino';
import type { LogLevel } from './config.ts';

const secretKeys = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'secrets',
  'token',
  'access_token',
  'refresh_token',
  'auth',
  'apiKey',
  'api_key',
];

/** Objects are logged at most this deep below the line itself: `req.headers.authorization` is the second level. */
const levels = ['', '*.', '*.*.'];

const paths = secretKeys.flatMap((key) => levels.map((level) => `${level}["${key}"]`.replace('.["', '["')));

/** An error without what libraries hang on it: pg's carry their whole client, a page of JSON a line. */
function shortError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const cause = error.cause === undefined ? {} : { cause: shortError(error.cause) };
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(code === undefined ? {} : { code }),
    ...cause,
  };
}

/** JSON lines on standard output; values under the names of secrets never reach it. */
export function createLogger(level: LogLevel): Logger {
  return pino({
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths, censor: '[hidden]' },
    serializers: { err: shortError },
    depthLimit: 5,
    hooks: {
      logMethod(args, method) {
        // Fastify says a line for each address it listens at; we say one of our own when everything is ready.
        if (typeof args[0] === 'string' && args[0].startsWith('Server listening at ')) return;
        method.apply(this, args);
      },
    },
  });
}
