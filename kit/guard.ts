import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Refuses private and link-local networks unless an administrator allowed them. */
export interface AddressGuard {
  /** Hosts and CIDRs from `MOSTIK_ALLOW_HOSTS`. */
  allowed: string[];
}

/** Thrown into the connection attempt, so that nothing is sent to a refused address. */
export class AddressRefused extends Error {
  readonly host: string;
  readonly address: string;

  constructor(host: string, address: string) {
    super(`${host} leads to ${address}, an address inside a private network`);
    this.name = 'AddressRefused';
    this.host = host;
    this.address = address;
  }
}

const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

/** The IPv4 address that an IPv6 one carries: mapped (::ffff:a.b.c.d) or behind NAT64 (RFC 6052, 64:ff9b::/96). */
function embedded(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const isNat64 = address.match(ipaddr.IPv6.parse('64:ff9b::'), 96);
  return isNat64 ? new ipaddr.IPv4(address.toByteArray().slice(12)) : null;
}

function plain(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  // A zone id (fe80::1%eth0) says which interface, not which network.
  const [withoutZone = ''] = address.split('%');
  if (!ipaddr.isValid(withoutZone)) return null;
  const parsed = ipaddr.parse(withoutZone);
  return parsed instanceof ipaddr.IPv6 ? (embedded(parsed) ?? parsed) : parsed;
}

function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, network: string): boolean {
  const [base = '', bits] = network.split('/');
  const start = plain(base);
  if (start === null || start.kind() !== address.kind()) return false;
  const length = bits === undefined ? (start.kind() === 'ipv4' ? 32 : 128) : Number(bits);
  return Number.isInteger(length) && address.match(start as ipaddr.IPv4 & ipaddr.IPv6, length);
}

/** Azure's host service, which gives a machine its configuration, has an address among the public ones. */
const hostServices = new Set(['168.63.129.16']);

/**
 * Whether a call to `host` may go to `address`, the one it was resolved to. Only global unicast addresses pass by
 * themselves: private, link-local, loopback, shared (CGNAT), unique-local, metadata, multicast and reserved ones
 * pass when the host, or a network that holds the address, is allowed.
 */
export function checkAddress(input: { guard: AddressGuard; host: string; address: string }): boolean {
  const { guard, host, address } = input;
  const parsed = plain(address);
  if (parsed === null) return false;
  if (parsed.range() === 'unicast' && !hostServices.has(parsed.toString())) return true;
  return guard.allowed.some((entry) => bare(entry) === bare(host) || isIn(parsed, bare(entry)));
}

/**
 * A lookup for sockets that gives only addresses the guard lets pass. It decides on the very answer the socket
 * then connects to, so a name that answers differently the second time (DNS rebinding) gains nothing.
 */
export function guardedLookup(guard: AddressGuard, lookup: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, options.all ? [] : '', 0);
      const passed = found.filter(({ address }) => checkAddress({ guard, host: hostname, address }));
      const [first] = passed;
      if (first === undefined) {
        return callback(new AddressRefused(hostname, found[0]?.address ?? 'nowhere'), options.all ? [] : '', 0);
      }
      return options.all ? callback(null, passed) : callback(null, first.address, first.family);
    });
  };
}

/** Hosts that need not be looked at again. */
const passed = new WeakMap<AddressGuard, Set<string>>();

/** Sockets do not look up a literal address: it is checked before. */
export function checkLiteral(guard: AddressGuard, hostname: string): void {
  const known = passed.get(guard) ?? new Set();
  if (known.has(hostname)) return;
  const address = bare(hostname);
  if (isIP(address) !== 0 && !checkAddress({ guard, host: address, address }))
    throw new AddressRefused(address, address);
  // Addresses may come with the data: whoever sends many must not fill the memory.
  if (known.size >= 1000) known.clear();
  passed.set(guard, known.add(hostname));
}
