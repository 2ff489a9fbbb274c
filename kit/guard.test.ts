import type { LookupAddress, LookupOptions } from 'node:dns';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { checkAddress, guardedLookup } from './guard.ts';
import { createHttp } from './http.ts';
import { createMemoryLimiter } from './limiter.ts';
import { serveStandIn } from './testing/stand-in.ts';

const closed = { allowed: [] };

test.each([
  ['8.8.8.8', true],
  ['93.184.216.34', true],
  ['2606:4700:4700::1111', true],
  ['::ffff:8.8.8.8', true],
  ['64:ff9b::808:808', true],
  ['127.0.0.1', false],
  ['127.8.9.1', false],
  ['0.0.0.0', false],
  ['10.1.2.3', false],
  ['172.16.0.1', false],
  ['172.31.255.255', false],
  ['172.32.0.1', true],
  ['192.168.1.1', false],
  ['169.254.169.254', false],
  ['168.63.129.16', false],
  ['::ffff:168.63.129.16', false],
  ['168.63.129.17', true],
  ['100.64.0.1', false],
  ['100.100.100.200', false],
  ['100.128.0.1', true],
  ['198.18.0.1', false],
  ['192.0.0.192', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['240.0.0.1', false],
  ['::', false],
  ['::1', false],
  ['::127.0.0.1', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:a9fe:a9fe', false],
  ['::ffff:0:10.0.0.1', false],
  ['64:ff9b::a00:1', false],
  ['64:ff9b::7f00:1', false],
  ['64:ff9b:1::a00:1', false],
  ['2002:7f00:1::', false],
  ['2001::1', false],
  ['fc00::1', false],
  ['fd00:ec2::254', false],
  ['fe80::1', false],
  ['fe80::1%eth0', false],
  ['fec0::1', false],
  ['ff02::1', false],
  ['not an address', false],
])('%s passes by itself: %s', (address, passes) => {
  expect(checkAddress({ guard: closed, host: 'some.example', address })).toBe(passes);
});

test.each([
  ['a host by its name', 'crm.local', 'crm.local', '10.0.0.5', true],
  ['whatever its letter case and final dot', 'CRM.local.', 'crm.local', '10.0.0.5', true],
  ['not another host at the same address', 'crm.local', 'evil.example', '10.0.0.5', false],
  ['a network', '10.0.0.0/8', 'any.example', '10.200.0.1', true],
  ['not beyond the network', '10.0.0.0/24', 'any.example', '10.0.1.1', false],
  ['one address', '127.0.0.1', 'localhost', '127.0.0.1', true],
  ['its IPv6-mapped spelling', '127.0.0.1', 'localhost', '::ffff:127.0.0.1', true],
  ['an IPv6 network', 'fd00::/8', 'any.example', 'fd12::1', true],
  ['IPv6 in brackets', '[::1]', '::1', '::1', true],
  ['not IPv4 by an IPv6 network', '::/0', 'any.example', '10.0.0.1', false],
  ['not by nonsense', '10.0.0.0/x', 'any.example', '10.0.0.1', false],
])('an administrator allows %s', (_title, entry, host, address, passes) => {
  expect(checkAddress({ guard: { allowed: [entry] }, host, address })).toBe(passes);
});

type FakeLookup = Parameters<typeof guardedLookup>[1];

/** A name server that answers each question with the next list. */
function nameServer(...answers: string[][]): FakeLookup {
  const fake = (_host: string, _options: LookupOptions, callback: (error: null, found: LookupAddress[]) => void) => {
    const addresses = answers.shift() ?? [];
    setImmediate(() =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  };
  return fake as unknown as FakeLookup;
}

const reach = (lookup: FakeLookup, port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: 'rebinding.example', port, lookup: guardedLookup(closed, lookup) });
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error) => resolve(error.name));
  });

test('a name that leads inside is refused at the very connection, whatever it said before', async () => {
  const inside = await serveStandIn(() => ({ status: 200 }));
  const port = Number(new URL(inside.url).port);
  // The first answer would pass a check made before the connection; the second is the one that counts.
  const lookup = nameServer(['93.184.216.34'], ['127.0.0.1']);
  await new Promise<void>((resolve) => guardedLookup(closed, lookup)('rebinding.example', {}, () => resolve()));
  expect(await reach(lookup, port)).toBe('AddressRefused');
  expect(await reach(nameServer(['::1', '10.0.0.1']), port)).toBe('AddressRefused');
  expect(inside.requests).toEqual([]);
  await inside.stop();
});

test('of several addresses only those outside are given', async () => {
  const lookup = nameServer(['10.0.0.1', '8.8.8.8', '::1']);
  const found = await new Promise((resolve) =>
    guardedLookup(closed, lookup)('mixed.example', { all: true }, (_error, addresses) => resolve(addresses)),
  );
  expect(found).toEqual([{ address: '8.8.8.8', family: 4 }]);
});

test.each(['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]', '0'])(
  'no spelling of this computer gets through: %s',
  async (host) => {
    const http = createHttp({ limiter: createMemoryLimiter(), bucket: null, secrets: [], guard: closed });
    await expect(http.request({ method: 'GET', url: `http://${host}:1/` })).rejects.toMatchObject({
      kind: 'rejected',
      code: 'http.address_refused',
      outcome: 'notDone',
      text: { en: expect.stringContaining('MOSTIK_ALLOW_HOSTS'), ru: expect.stringContaining('MOSTIK_ALLOW_HOSTS') },
    });
  },
);

test('a redirect inside is refused too', async () => {
  const inside = await serveStandIn(() => ({ status: 200 }));
  const outside = await serveStandIn(() => ({
    status: 302,
    headers: { location: inside.url.replace('127.0.0.1', '[::1]') },
  }));
  const guard = { allowed: ['127.0.0.1'] };
  const http = createHttp({ limiter: createMemoryLimiter(), bucket: null, secrets: [], guard });
  await expect(http.request({ method: 'GET', url: outside.url })).rejects.toMatchObject({
    code: 'http.address_refused',
  });
  await inside.stop();
  await outside.stop();
});
