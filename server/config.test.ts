import { expect, test } from 'vitest';
import { ConfigError, ownAddress, readConfig } from './config.ts';

test('nothing set gives the documented defaults', () => {
  expect(readConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    sandboxPort: 8081,
    databaseUrl: null,
    publicUrl: null,
    secretKey: null,
    allowHosts: [],
    trustProxy: false,
    logLevel: 'info',
  });
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::', 'http://127.0.0.1:8080'],
  ['::1', 'http://[::1]:8080'],
  ['mostik.lan', 'http://mostik.lan:8080'],
])('who listens at %s is found from this computer at %s', (host, url) => {
  expect(ownAddress({ host, port: 8080 })).toBe(url);
  expect(new URL(url).port).toBe('8080');
});

test('an empty variable counts as not set', () => {
  expect(readConfig({ PORT: '', PUBLIC_URL: ' ', DATABASE_URL: '', MOSTIK_ALLOW_HOSTS: '' })).toEqual(readConfig({}));
});

test('the demo has a data folder of its own, and MOSTIK_DATA_DIR wins over both', () => {
  const env = { HOME: '/home/anna' };
  expect(readConfig(env, { demo: true }).dataDir).not.toBe(readConfig(env).dataDir);
  expect(readConfig({ MOSTIK_DATA_DIR: '/srv/mostik' }, { demo: true }).dataDir).toBe('/srv/mostik');
});

test('data lies with the user, and for root with the system', () => {
  const isRoot = process.getuid?.() === 0;
  expect(readConfig({ HOME: '/home/anna' }).dataDir).toBe(
    isRoot ? '/var/lib/mostik' : '/home/anna/.local/share/mostik',
  );
  expect(readConfig({ HOME: '/home/anna', XDG_DATA_HOME: '/data' }).dataDir).toBe(
    isRoot ? '/var/lib/mostik' : '/data/mostik',
  );
});

test('the slash at the end of PUBLIC_URL is cut', () => {
  expect(readConfig({ PUBLIC_URL: 'https://mostik.example.com/' }).publicUrl).toBe('https://mostik.example.com');
});

test.each([
  ['http://localhost:8080', true],
  ['http://127.0.0.1:8080', true],
  ['https://example.com/mostik', true],
  ['http://example.com', false],
  ['ftp://example.com', false],
  ['example.com', false],
  ['https://example.com/?a=1', false],
])('PUBLIC_URL=%s is good: %s', (url, good) => {
  const read = () => readConfig({ PUBLIC_URL: url });
  if (good) expect(read().publicUrl).toBe(url);
  else expect(read).toThrow('PUBLIC_URL must be');
});

test('the key is taken as hex and as base64', () => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7));
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    expect(readConfig({ MOSTIK_SECRET_KEY: key.toString(encoding) }).secretKey).toEqual(key);
  }
  expect(() => readConfig({ MOSTIK_SECRET_KEY: key.subarray(1).toString('base64') })).toThrow(
    'MOSTIK_SECRET_KEY must be 32 bytes',
  );
});

test.each([
  ['true', true],
  ['false', false],
  ['2', 2],
  ['127.0.0.1, 10.0.0.0/8', ['127.0.0.1', '10.0.0.0/8']],
  ['loopback', ['loopback']],
])('TRUST_PROXY=%s', (text, value) => {
  expect(readConfig({ TRUST_PROXY: text }).trustProxy).toEqual(value);
});

test('allowed hosts are names, addresses and CIDRs', () => {
  const text = 'erp.local, 10.1.0.0/16,192.168.0.5 ,::1';
  expect(readConfig({ MOSTIK_ALLOW_HOSTS: text }).allowHosts).toEqual([
    'erp.local',
    '10.1.0.0/16',
    '192.168.0.5',
    '::1',
  ]);
});

test.each([
  ['PORT', '0'],
  ['PORT', '65536'],
  ['PORT', '80.5'],
  ['SANDBOX_PORT', 'many'],
  ['HOST', 'a b'],
  ['DATABASE_URL', 'mysql://localhost/x'],
  ['TRUST_PROXY', 'yes'],
  ['MOSTIK_ALLOW_HOSTS', 'http://erp.local'],
  ['MOSTIK_ALLOW_HOSTS', '10.0.0.0/99'],
  ['MOSTIK_API_KEY', 'short'],
  ['MOSTIK_LOG_LEVEL', 'loud'],
])('%s=%s is refused with its name', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
  expect(() => readConfig({ [name]: value })).toThrow(name);
});

test('every wrong variable gets its line', () => {
  expect(() => readConfig({ PORT: 'x', TRUST_PROXY: 'y' })).toThrow(/PORT must.*\n.*TRUST_PROXY must/);
});

test('half an administrator is refused', () => {
  expect(() => readConfig({ MOSTIK_ADMIN_EMAIL: 'a@example.com' })).toThrow('must be set together');
  expect(() => readConfig({ MOSTIK_ADMIN_EMAIL: 'a@example.com', MOSTIK_ADMIN_PASSWORD: 'short' })).toThrow(
    'at least 10',
  );
});
