import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Everything the environment decides. This file is the only reader of `process.env`. */
export interface Config {
  /** Of `package.json`. */
  version: string;
  host: string;
  port: number;
  sandboxPort: number;
  /** Absolute. Holds the key file and, without `databaseUrl`, the database. */
  dataDir: string;
  /** null: we run a PostgreSQL of our own in the data folder. */
  databaseUrl: string | null;
  /** How other apps reach us, without a slash at the end. */
  publicUrl: string | null;
  /** 32 bytes; null: the key file in the data folder. */
  secretKey: Buffer | null;
  /** Hosts and CIDRs inside private networks that connections may call. */
  allowHosts: string[];
  /** Whose forwarding headers are believed, as Fastify's `trustProxy` takes it. */
  trustProxy: boolean | number | string[];
  adminEmail: string | null;
  adminPassword: string | null;
  apiKey: string | null;
  logLevel: LogLevel;
  /** npm stands between us and whoever started us. */
  underNpm: boolean;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A setting that cannot be used: the message names the variable and shows a good value. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const packageFile = z.object({ version: z.string() });
const version = packageFile.parse(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
).version;

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.');

function isAddressOrCidr(text: string): boolean {
  return text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
}

const isHost = (text: string): boolean =>
  isAddressOrCidr(text) || /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?$/i.test(text);

function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.search || url.hash || url.username) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function readKey(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null;
  return Buffer.from(text, 'base64');
}

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const port = (name: string, example: number) => {
  const message = `${name} must be a whole number from 1 to 65535, for example ${name}=${example}`;
  return z
    .string()
    .regex(/^\d{1,5}$/, message)
    .transform(Number)
    .refine((value) => value >= 1 && value <= 65535, message);
};

const trustProxyMessage =
  'TRUST_PROXY must be true, false, a number of proxies or a list of addresses and CIDRs, for example TRUST_PROXY=127.0.0.1,10.0.0.0/8';

function readTrustProxy(text: string): boolean | number | string[] | null {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const items = text.split(',').map((item) => item.trim());
  return items.every((item) => isAddressOrCidr(item) || ['loopback', 'linklocal', 'uniquelocal'].includes(item))
    ? items
    : null;
}

/** Parses with `read`, and says `message` when it gives null. */
const readBy = <T>(read: (text: string) => T | null, message: string) =>
  z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const environment = z.object({
  HOST: z
    .string()
    .refine(isHost, 'HOST must be an address or a host name to listen on, for example HOST=127.0.0.1 or HOST=0.0.0.0')
    .default('127.0.0.1'),
  PORT: port('PORT', 8080).default(8080),
  SANDBOX_PORT: port('SANDBOX_PORT', 8081).default(8081),
  MOSTIK_DATA_DIR: z.string().optional(),
  DATABASE_URL: z
    .string()
    .refine(
      (text) => /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? ''),
      'DATABASE_URL must be the address of a PostgreSQL database, for example DATABASE_URL=postgres://mostik:password@127.0.0.1:5432/mostik',
    )
    .optional(),
  PUBLIC_URL: z
    .string()
    .refine(
      isPublicUrl,
      'PUBLIC_URL must be an https address without a query (http only on this computer), for example PUBLIC_URL=https://mostik.example.com',
    )
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  MOSTIK_SECRET_KEY: readBy(
    readKey,
    'MOSTIK_SECRET_KEY must be 32 bytes as base64 or hex; make one with: openssl rand -base64 32',
  ).optional(),
  MOSTIK_ALLOW_HOSTS: list
    .refine(
      (items) => items.every(isHost),
      'MOSTIK_ALLOW_HOSTS must be hosts or CIDRs with commas between them, for example MOSTIK_ALLOW_HOSTS=erp.local,10.1.0.0/16',
    )
    .default([]),
  TRUST_PROXY: readBy(readTrustProxy, trustProxyMessage).default(false),
  MOSTIK_ADMIN_EMAIL: z
    .email('MOSTIK_ADMIN_EMAIL must be an e-mail address, for example MOSTIK_ADMIN_EMAIL=admin@example.com')
    .optional(),
  MOSTIK_ADMIN_PASSWORD: z
    .string()
    .min(10, 'MOSTIK_ADMIN_PASSWORD must have at least 10 characters')
    .max(200)
    .optional(),
  MOSTIK_API_KEY: z
    .string()
    .regex(
      /^[\x21-\x7e]{24,200}$/,
      'MOSTIK_API_KEY must have 24 to 200 characters without spaces; make one with: openssl rand -hex 24',
    )
    .optional(),
  MOSTIK_LOG_LEVEL: z
    .enum(logLevels, `MOSTIK_LOG_LEVEL must be one of ${logLevels.join(', ')}, for example MOSTIK_LOG_LEVEL=info`)
    .default('info'),
});

/** Where data lives when nobody says: a server's folder for root, the user's own else. The demo has a folder of its own. */
function defaultDataDir(env: Record<string, string | undefined>, demo: boolean): string {
  const name = demo ? 'mostik-demo' : 'mostik';
  if (process.getuid?.() === 0) return join('/var/lib', name);
  return join(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share'), name);
}

/** Reads the settings; an empty variable counts as not set. Throws `ConfigError` with a line for each wrong one. */
export function readConfig(
  env: Record<string, string | undefined> = process.env,
  options: { demo?: boolean } = {},
): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = environment.safeParse(set);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => issue.message).join('\n'));
  const value = parsed.data;
  if ((value.MOSTIK_ADMIN_EMAIL === undefined) !== (value.MOSTIK_ADMIN_PASSWORD === undefined)) {
    throw new ConfigError('MOSTIK_ADMIN_EMAIL and MOSTIK_ADMIN_PASSWORD must be set together');
  }
  return {
    version,
    host: value.HOST,
    port: value.PORT,
    sandboxPort: value.SANDBOX_PORT,
    dataDir: resolve(value.MOSTIK_DATA_DIR ?? defaultDataDir(set, options.demo ?? false)),
    databaseUrl: value.DATABASE_URL ?? null,
    publicUrl: value.PUBLIC_URL ?? null,
    secretKey: value.MOSTIK_SECRET_KEY ?? null,
    allowHosts: value.MOSTIK_ALLOW_HOSTS,
    trustProxy: value.TRUST_PROXY,
    adminEmail: value.MOSTIK_ADMIN_EMAIL ?? null,
    adminPassword: value.MOSTIK_ADMIN_PASSWORD ?? null,
    apiKey: value.MOSTIK_API_KEY ?? null,
    logLevel: value.MOSTIK_LOG_LEVEL,
    underNpm: set.npm_lifecycle_event !== undefined,
  };
}

/** Where we listen, as seen from this computer. */
export function ownAddress({ host, port }: { host: string; port: number }): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  return `http://${isEverywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A variable that a file of connections and flows names as `${NAME}`. */
export const environmentVariable = (name: string): string | undefined => process.env[name];
