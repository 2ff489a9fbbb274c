import { ConnectorError } from '../../../kit/errors.ts';
import type { Rec } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { toRec } from './task-load.ts';

/** Our clock may run ahead of HubEx's by this much. */
const clockSkewMs = 2 * 60_000;

export interface Ours {
  erpID: string;
  stamp: string;
  /** When this create was first tried: an older task with the same mapped `erpID` is not ours. Null: the `erpID` is our own. */
  notBefore: Date | null;
  notes: string | null;
}

/** The task that an earlier try of this create made; null when there is none. */
export async function findOurs(api: HubexApi, ours: Ours): Promise<Rec | null> {
  const page = await api.listTasks({ erpID: ours.erpID }, { from: 1, till: 50 });
  const hits = page.rows.flatMap(({ id, row }) => {
    const record = toRec(id, row, api.settings.zone);
    const stamp = (row as { concurrencyStamp?: unknown }).concurrencyStamp;
    // An unknown parameter would be ignored by HubEx and give every task: compare again.
    return record && record.values.erpID === ours.erpID ? [{ record, stamp }] : [];
  });
  const stamped = hits.filter(
    ({ stamp }) => typeof stamp === 'string' && stamp.toLowerCase() === ours.stamp.toLowerCase(),
  );
  const candidates =
    stamped.length > 0
      ? stamped
      : hits.filter(({ stamp, record }) => (stamp === undefined || stamp === null) && isYoung(record, ours));
  const [first, ...others] = candidates;
  if (!first) return null;
  if (others.length === 0) return first.record;
  const alike = candidates.filter(({ record }) => (record.values.notes ?? null) === ours.notes);
  if (alike.length === 1 && alike[0]) return alike[0].record;
  throw severalOurs(ours.erpID, candidates.length);
}

/** Without a creation time only the words can tell. */
function isYoung(record: Rec, { notBefore, notes }: Ours): boolean {
  if (notBefore === null) return true;
  if (record.createdAt === undefined) return (record.values.notes ?? null) === notes;
  return Date.parse(record.createdAt) >= notBefore.getTime() - clockSkewMs;
}

const severalOurs = (erpID: string, count: number): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'hubex.several_ours',
    outcome: 'unknown',
    text: {
      en: `HubEx already has ${count} tasks with the external ID ${erpID}, and we cannot tell which of them is ours.`,
      ru: `В HubEx уже есть заявки с внешним кодом ${erpID} (${count}), и нельзя понять, какая из них наша.`,
    },
  });
