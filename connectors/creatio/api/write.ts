import { ConnectorError } from '../../../kit/errors.ts';
import type { Row, UpdateWay } from '../dialect.ts';
import type { Line } from './line.ts';

const wayKey = 'updateVerb';

export interface Change {
  /** What changes. */
  columns: Row;
  /** Every column of the record, for a way that empties what is not sent. */
  whole(): Promise<Row>;
}

/** One record made, changed, taken away. */
export function writing(line: Line) {
  const { connection, settings, dialect } = line;
  const { service, writeHeaders } = dialect;

  /** Which of the ways took it. */
  async function sendBy(path: string, [way, ...others]: UpdateWay[], change: Change): Promise<UpdateWay> {
    if (!way) throw new Error('unreachable');
    try {
      const json = way.whole ? await change.whole() : change.columns;
      await line.ask({ method: way.method, path, headers: { ...writeHeaders, ...way.headers }, json });
      return way;
    } catch (error) {
      const [next] = others;
      if (!next || !isWayRefused(error, next)) throw error;
      return sendBy(path, others, change);
    }
  }

  return {
    /** The record as the stand answers it; null when it answers without one. */
    async create(entity: string, body: Row): Promise<Row | null> {
      const path = `${service}/${dialect.set(entity)}`;
      const question = { method: 'POST' as const, path, headers: writeHeaders, json: body };
      const response = await line.ofSet(entity, line.ask(question));
      return response.text.trim() === '' ? null : dialect.row(response);
    },

    /** The documented way; where the path there does not let it pass, the next one, remembered. */
    async update(entity: string, id: string, change: Change): Promise<void> {
      const path = `${service}/${dialect.one(entity, id)}`;
      const ways = dialect.updates(settings.updateVerb);
      const known = await connection.memory.get(wayKey);
      const at = Math.max(
        0,
        ways.findIndex(({ method }) => method === known),
      );
      const way = await sendBy(path, ways.slice(at), change);
      if (way !== ways[at]) await connection.memory.set(wayKey, way.method);
    },

    async remove(entity: string, id: string): Promise<void> {
      const path = `${service}/${dialect.one(entity, id)}`;
      await line.askMaybe({ method: 'DELETE', path, headers: dialect.readHeaders });
    },
  };
}

/** A 400 may also be about the data: no reason to send the whole record. */
const isWayRefused = (error: unknown, next: UpdateWay): boolean =>
  error instanceof ConnectorError &&
  (next.whole ? /^(creatio\.refused|http)\.(405|501)$/ : /^(creatio\.refused|http)\.(400|405|501)$/).test(error.code);
