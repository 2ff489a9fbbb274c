import { ConnectorError } from '../../../kit/errors.ts';
import type { Row } from '../dialect.ts';
import type { Line } from './line.ts';

/** One record made, changed, taken away. */
export function writing(line: Line) {
  const { connection, settings, dialect } = line;
  const { service, writeHeaders } = dialect;
  return {
    /** The record as the stand answers it; null when it answers without one. */
    async create(entity: string, body: Row): Promise<Row | null> {
      const path = `${service}/${dialect.set(entity)}`;
      const question = { method: 'POST' as const, path, headers: writeHeaders, json: body };
      const response = await line.ofSet(entity, line.ask(question));
      return response.text.trim() === '' ? null : dialect.row(response);
    },

    /** The documented verb; where the way there does not let it pass, the other one, remembered. */
    async update(entity: string, id: string, body: Row): Promise<void> {
      const path = `${service}/${dialect.one(entity, id)}`;
      const verbs = dialect.updates(settings.updateVerb);
      const known = await connection.memory.get('updateVerb');
      const [first, second] = known === 1 && verbs.length > 1 ? verbs.toReversed() : verbs;
      const send = (verb: NonNullable<typeof first>) =>
        line.ask({ method: verb.method, path, headers: { ...writeHeaders, ...verb.headers }, json: body });
      if (!first) return;
      try {
        await send(first);
      } catch (error) {
        if (!second || !isVerbRefused(error)) throw error;
        await send(second);
        await connection.memory.set('updateVerb', verbs.indexOf(second));
      }
    },

    async remove(entity: string, id: string): Promise<void> {
      const path = `${service}/${dialect.one(entity, id)}`;
      await line.askMaybe({ method: 'DELETE', path, headers: dialect.readHeaders });
    },
  };
}

const isVerbRefused = (error: unknown): boolean =>
  error instanceof ConnectorError && /^(creatio\.refused|http)\.(400|405|501)$/.test(error.code);
