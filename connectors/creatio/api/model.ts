import type { HttpResponse } from '../../../kit/http.ts';
import type { Text } from '../../../kit/text.ts';
import { type CaptionColumn, captionsOf, objectCaptionsOf } from '../captions.ts';
import type { Row } from '../dialect.ts';
import { createModelReader, type Model } from '../metadata.ts';
import { unexpected } from '../unexpected.ts';
import type { Line } from './line.ts';

const timeoutMs = 5 * 60_000;
const dayMs = 24 * 3600_000;
/** `$metadata` may have tens of megabytes: what is missed is looked for again this often. */
export const missedMs = 5 * 60_000;

/** What objects and columns there are, and what people call them. */
export function describing(line: Line) {
  const { doubts } = line;
  let model: { at: number; read: Promise<Model> } | null = null;

  /** DataService, of which many a stand gives only a part. */
  async function askDesigner<T>(request: string, json: Row, read: (response: HttpResponse) => T): Promise<T | null> {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
    const path = `DataService/json/SyncReply/${request}`;
    try {
      return read(await line.ask({ method: 'POST', path, headers, json }));
    } catch (error) {
      if (line.isMissing(error)) return null;
      throw error;
    }
  }

  return {
    /**
     * Objects and columns of the stand, not older than `maxAge`, a day when nobody misses anything. An object that was
     * refused has them read again, at most once in five minutes.
     */
    model(maxAge = dayMs): Promise<Model> {
      const age = model ? Date.now() - model.at : Number.POSITIVE_INFINITY;
      if (model && age < (doubts.any ? Math.min(maxAge, missedMs) : maxAge)) return model.read;
      doubts.any = false;
      const reading = { at: Date.now(), read: readModel(line) };
      const before = model;
      model = reading;
      reading.read.catch(() => {
        if (model === reading) model = before;
      });
      return reading.read;
    },

    /** Captions, requiredness and kinds of columns in the user's language. Null: this stand does not give them. */
    captions: (entity: string): Promise<Map<string, CaptionColumn> | null> =>
      askDesigner('RuntimeEntitySchemaRequest', { name: entity }, captionsOf),

    /** What people call the objects, all in one answer. Null: this stand does not say. */
    objectCaptions: (): Promise<Map<string, Text> | null> =>
      askDesigner('EntitySchemaManagerRequest', {}, objectCaptionsOf),
  };
}

async function readModel(line: Line): Promise<Model> {
  let reader = createModelReader();
  const headers = { Accept: 'application/xml' };
  const sink = () => {
    reader = createModelReader();
    return (chunk: Buffer) => reader.write(chunk);
  };
  await line.ask({ method: 'GET', path: `${line.dialect.service}/$metadata`, headers, sink, timeoutMs });
  return endOf(reader);
}

function endOf(reader: ReturnType<typeof createModelReader>): Model {
  try {
    const model = reader.end();
    if (model.size > 0) return model;
  } catch (cause) {
    throw unexpected('$metadata', cause);
  }
  throw unexpected('$metadata', null);
}
