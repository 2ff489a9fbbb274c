import { insert } from '../connectors/creatio/stand-in/stand.ts';
import { startCreatioStandIn } from '../connectors/creatio/stand-in.ts';

/** A Creatio with `BENCH_RECORDS` contacts, in a process of its own; tells how often it was asked. */
const records = Number(process.env.BENCH_RECORDS ?? 50_000);
/** Every tenth part of so many came in one import: its rows share their moment. */
const block = 10_000;
const yearMs = 365 * 24 * 3600_000;

const standIn = await startCreatioStandIn({ seed: false });
const { stand } = standIn;
const begin = Date.now() - yearMs + 24 * 3600_000;
let at = begin;
const { clock } = stand;
stand.clock = { now: () => new Date(at) };
stand.rules.fillsIn = false;
for (let n = 0; n < records; n++) {
  const isImport = n % block < block / 10;
  if (!isImport) at = begin + Math.floor((n / records) * (yearMs / 2));
  const row = insert(stand, 'Contact', {
    Name: `Клиентов ${n}`,
    MobilePhone: `+7921${5_000_000 + n}`,
    Email: `client${n}@example.com`,
    JobTitle: 'Повар',
  });
  if (isImport) row.ModifiedOn = new Date(at).toISOString().replace('Z', '000Z');
}
stand.clock = clock;

let calls = 0;
const { requests } = standIn;
const push = requests.push.bind(requests);
requests.push = (...added) => {
  calls += added.length;
  return push(...added);
};

process.on('message', () => process.send?.({ calls }));
process.on('disconnect', () => process.exit());
process.send?.({ url: standIn.url, userName: standIn.gate.userName, password: standIn.gate.password });
