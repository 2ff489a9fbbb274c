import { z } from 'zod';
import type { ConnectionContext } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { HttpResponse } from '../../kit/http.ts';
import type { Text } from '../../kit/text.ts';
import { createCaller, type Question } from './caller.ts';
import { type CaptionColumn, captionsOf, objectCaptionsOf } from './captions.ts';
import { type Ask, type Dialect, type Page, queryText, type Row } from './dialect.ts';
import { type About, failureOf, noService, noSuchObject, noSuchSet, wrongAddress } from './errors.ts';
import { createModelReader, type Model } from './metadata.ts';
import { pageOf } from './odata4.ts';
import { readSettings } from './settings.ts';
import { unexpected, unexpectedAnswer } from './unexpected.ts';

/** At most so many rows come in one answer, whatever is asked (MaxEntityRowCount). */
export const mostRows = 20_000;
/** Requests in one `$batch`. */
const mostBatched = 100;
const metadataTimeoutMs = 5 * 60_000;
const dayMs = 24 * 3600_000;
/** `$metadata` may have tens of megabytes: what is missed is looked for again this often. */
export const missedMs = 5 * 60_000;
/** A stand without `$batch` is remembered: older versions have none in JSON. */
const batchKey = 'batch';

export type CreatioApi = ReturnType<typeof createApi>;

const batchSchema = z.looseObject({
  responses: z.array(z.looseObject({ id: z.coerce.string(), status: z.number(), body: z.unknown().optional() })),
});

export interface ListQuestion {
  entity: string;
  ask: Ask;
}

export interface NewFile {
  /** Ours. */
  id: string;
  name: string;
  mimeType: string;
  bytes: Buffer;
}

/** Everything we ask a stand for; the only file that knows its addresses. */
export function createApi(connection: ConnectionContext, dialect: Dialect, app: string) {
  const settings = readSettings(connection);
  const about: About = { app, host: settings.host };
  const stand = createCaller({ connection, settings, dialect, about });
  const { service, readHeaders, writeHeaders } = dialect;
  let model: { at: number; read: Promise<Model> } | null = null;
  /** The stand refused an object that we thought it had. */
  let doubted = false;

  const doubting = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      if (error instanceof ConnectorError && error.code === noSuchObject) doubted = true;
      throw error;
    });
  const caller = {
    ask: (request: Parameters<typeof stand.ask>[0]) => doubting(stand.ask(request)),
    askMaybe: (request: Parameters<typeof stand.askMaybe>[0]) => doubting(stand.askMaybe(request)),
  };

  const pathOf = (entity: string, ask: Ask): string => {
    const query = queryText(dialect.query(ask));
    return `${service}/${dialect.set(entity)}${query === '' ? '' : `?${query}`}`;
  };

  /** OData 3 says of an unknown set what it says of an unknown record: "Resource not found for the segment". */
  const ofSet = <T>(entity: string, answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      if (!(error instanceof ConnectorError) || error.code !== 'creatio.refused.404') throw error;
      doubted = true;
      throw noSuchSet(entity, about);
    });

  const list = async (entity: string, ask: Ask): Promise<Page> =>
    dialect.page(await ofSet(entity, caller.ask({ method: 'GET', path: pathOf(entity, ask), headers: readHeaders })));

  async function readModel(): Promise<Model> {
    let reader = createModelReader();
    const headers = { Accept: 'application/xml' };
    const sink = () => {
      reader = createModelReader();
      return (chunk: Buffer) => reader.write(chunk);
    };
    const path = `${service}/$metadata`;
    await caller.ask({ method: 'GET', path, headers, sink, timeoutMs: metadataTimeoutMs });
    return endOf(reader);
  }

  const settle = (work: Promise<Page>): Promise<Page | ConnectorError> =>
    work.catch((error: unknown) => {
      if (error instanceof ConnectorError && ['rejected', 'noAccess', 'gone'].includes(error.kind)) return error;
      throw error;
    });

  /** Answers of several lists, in order, each with its own refusal: in one call where the stand takes `$batch`. */
  async function listMany(questions: ListQuestion[]): Promise<(Page | ConnectorError)[]> {
    const several = dialect.batch && questions.length > 1 && (await connection.memory.get(batchKey)) !== false;
    const pages: (Page | ConnectorError)[] = [];
    for (let from = 0; several && from < questions.length; from += mostBatched) {
      const answers = await batch(questions.slice(from, from + mostBatched));
      if (answers === null) break;
      pages.push(...answers);
    }
    for (const { entity, ask } of questions.slice(pages.length)) pages.push(await settle(list(entity, ask)));
    return pages;
  }

  /** Null: this stand takes no batches in JSON. */
  async function batch(questions: ListQuestion[]): Promise<(Page | ConnectorError)[] | null> {
    const requests = questions.map(({ entity, ask }, index) => ({
      id: String(index),
      method: 'GET',
      url: pathOf(entity, ask).slice(service.length + 1),
      headers: readHeaders,
    }));
    try {
      const headers = { ...writeHeaders, Prefer: 'continue-on-error' };
      const response = await caller.ask({ method: 'POST', path: `${service}/$batch`, headers, json: { requests } });
      const answer = batchSchema.safeParse(response.json());
      if (!answer.success) throw unexpected('$batch', answer.error);
      const byId = new Map(answer.data.responses.map((one) => [one.id, one]));
      return questions.map((_, index) => partOf(byId.get(String(index)), about));
    } catch (error) {
      if (!isServiceMissing(error)) throw error;
      await connection.memory.set(batchKey, false);
      return null;
    }
  }

  /** DataService, of which many a stand gives only a part. */
  async function askDesigner<T>(request: string, json: Row, read: (response: HttpResponse) => T): Promise<T | null> {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
    try {
      return read(await caller.ask({ method: 'POST', path: `DataService/json/SyncReply/${request}`, headers, json }));
    } catch (error) {
      if (isServiceMissing(error)) return null;
      throw error;
    }
  }

  async function askService(
    name: string,
    question: Pick<Question, 'path' | 'headers' | 'json' | 'body'>,
  ): Promise<void> {
    try {
      await caller.ask({ method: 'POST', timeoutMs: 60_000, ...question });
    } catch (error) {
      throw error instanceof ConnectorError && error.code === wrongAddress ? noService(name, about) : error;
    }
  }

  return {
    connection,
    settings,
    dialect,
    about,
    now: stand.now,
    list,
    listMany,

    /** Every row, page by page, following the server's own pages where it has them; at most `limit`. */
    async listAll(entity: string, ask: Ask, limit: number): Promise<Row[]> {
      const rows: Row[] = [];
      for (;;) {
        const page = await list(entity, { ...ask, top: limit - rows.length, skip: (ask.skip ?? 0) + rows.length });
        rows.push(...page.rows);
        // A page cut by the server ends with the address of the next; the same place is reached by `$skip`.
        if (page.next === null || page.rows.length === 0 || rows.length >= limit) return rows;
      }
    },

    async get(entity: string, id: string): Promise<Row | null> {
      const path = `${service}/${dialect.one(entity, id)}`;
      const response = await caller.askMaybe({ method: 'GET', path, headers: readHeaders });
      return response && dialect.row(response);
    },

    /** The record as the stand answers it; null when it answers without one. */
    async create(entity: string, body: Row): Promise<Row | null> {
      const path = `${service}/${dialect.set(entity)}`;
      const response = await ofSet(entity, caller.ask({ method: 'POST', path, headers: writeHeaders, json: body }));
      return response.text.trim() === '' ? null : dialect.row(response);
    },

    /** The documented verb; where the way there does not let it pass, the other one, remembered. */
    async update(entity: string, id: string, body: Row): Promise<void> {
      const path = `${service}/${dialect.one(entity, id)}`;
      const verbs = dialect.updates(settings.updateVerb);
      const known = await connection.memory.get('updateVerb');
      const [first, second] = known === 1 && verbs.length > 1 ? verbs.toReversed() : verbs;
      const send = (verb: NonNullable<typeof first>) =>
        caller.ask({ method: verb.method, path, headers: { ...writeHeaders, ...verb.headers }, json: body });
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
      await caller.askMaybe({ method: 'DELETE', path: `${service}/${dialect.one(entity, id)}`, headers: readHeaders });
    },

    /** One piece, as the File API takes files up to its limit. `of`: the object of the files, and the record they belong to. */
    async upload(of: { object: string; column: string; record: string }, file: NewFile): Promise<void> {
      const size = file.bytes.length;
      const query = queryText({
        fileId: file.id,
        totalFileLength: String(size),
        mimeType: file.mimeType,
        fileName: file.name,
        columnName: 'Data',
        entitySchemaName: of.object,
        parentColumnName: of.column,
        parentColumnValue: of.record,
      });
      const headers = {
        Accept: 'application/json',
        'Content-Type': file.mimeType,
        'Content-Range': `bytes 0-${Math.max(0, size - 1)}/${size}`,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      };
      const path = `rest/FileApiService/UploadFile?${query}`;
      await askService('FileApiService', { path, headers, body: file.bytes });
    },

    async runProcess(schemaName: string, parameterValues: { name: string; value: string }[]): Promise<void> {
      const path = 'ServiceModel/ProcessEngineService.svc/RunProcess';
      const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
      const json = { schemaName, parameterValues, resultParameterNames: [] };
      await askService('ProcessEngineService', { path, headers, json });
    },

    /**
     * Objects and columns of the stand, not older than `maxAge`, a day when nobody misses anything. An object that was
     * refused has them read again, at most once in five minutes.
     */
    model(maxAge = dayMs): Promise<Model> {
      const age = model ? Date.now() - model.at : Number.POSITIVE_INFINITY;
      if (model && age < (doubted ? Math.min(maxAge, missedMs) : maxAge)) return model.read;
      doubted = false;
      const read = readModel();
      const reading = { at: Date.now(), read };
      const before = model;
      model = reading;
      read.catch(() => {
        if (model === reading) model = before;
      });
      return read;
    },

    /** Captions, requiredness and kinds of columns in the user's language. Null: this stand does not give them. */
    captions: (entity: string): Promise<Map<string, CaptionColumn> | null> =>
      askDesigner('RuntimeEntitySchemaRequest', { name: entity }, captionsOf),

    /** What people call the objects, all in one answer. Null: this stand does not say. */
    objectCaptions: (): Promise<Map<string, Text> | null> =>
      askDesigner('EntitySchemaManagerRequest', {}, objectCaptionsOf),
  };
}

function partOf(
  part: z.infer<typeof batchSchema>['responses'][number] | undefined,
  about: About,
): Page | ConnectorError {
  if (part === undefined) throw unexpected('$batch', null);
  const text = JSON.stringify(part.body ?? null);
  return (
    failureOf({ status: part.status, headers: {}, text, json: () => JSON.parse(text) }, about) ?? pageOf(part.body)
  );
}

/** The stand has no such service, or does not know the form of our request: other ways are open. */
const isServiceMissing = (error: unknown): boolean =>
  error instanceof ConnectorError &&
  (['rejected', 'noAccess', 'gone'].includes(error.kind) || [wrongAddress, unexpectedAnswer].includes(error.code));

const isVerbRefused = (error: unknown): boolean =>
  error instanceof ConnectorError && /^(creatio\.refused|http)\.(400|405|501)$/.test(error.code);

function endOf(reader: ReturnType<typeof createModelReader>): Model {
  try {
    const model = reader.end();
    if (model.size > 0) return model;
  } catch (cause) {
    throw unexpected('$metadata', cause);
  }
  throw unexpected('$metadata', null);
}
