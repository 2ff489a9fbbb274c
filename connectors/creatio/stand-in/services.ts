import { randomUUID } from 'node:crypto';
import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import { Refusal } from './refusal.ts';
import { insert, type Stand } from './stand.ts';

/** What the services beside OData have taken. */
export interface Services {
  /** An older stand has none of them. */
  given: boolean;
  /** By the id of the file. */
  files: Map<string, Buffer>;
  /** Business processes that may be started, by their codes. */
  processes: Set<string>;
  started: { process: string; parameters: Record<string, string> }[];
}

export const createServices = (): Services => ({ given: true, files: new Map(), processes: new Set(), started: [] });

/** Null: not for these services. */
export function answerService(
  { stand, services }: { stand: Stand; services: Services },
  request: StandInRequest,
  path: string,
): StandInResponse | null {
  if (request.method !== 'POST' || !services.given) return null;
  if (path === 'rest/FileApiService/UploadFile') return upload({ stand, services }, request);
  if (path === 'ServiceModel/ProcessEngineService.svc/RunProcess') return start(services, request);
  return null;
}

function upload({ stand, services }: { stand: Stand; services: Services }, request: StandInRequest): StandInResponse {
  const { query, rawBody, headers } = request;
  const asked = (name: string) => query.get(name) ?? '';
  const range = `bytes 0-${rawBody.length - 1}/${rawBody.length}`;
  if (headers['content-range'] !== range || asked('totalFileLength') !== String(rawBody.length))
    throw Refusal.badQuery('The range does not fit the content.');
  const Id = asked('fileId');
  insert(stand, asked('entitySchemaName'), {
    Id,
    Name: asked('fileName'),
    Size: rawBody.length,
    [`${asked('parentColumnName')}Id`]: asked('parentColumnValue'),
  });
  services.files.set(Id, rawBody);
  return { status: 200, body: { success: true, errorInfo: null } };
}

function start(services: Services, request: StandInRequest): StandInResponse {
  const { schemaName, parameterValues } = JSON.parse(request.rawBody.toString('utf8')) as {
    schemaName: string;
    parameterValues: { name: string; value: string }[];
  };
  if (!services.processes.has(schemaName)) {
    const errorInfo = { errorCode: 'ItemNotFoundException', message: `Item with name "${schemaName}" not found` };
    return { status: 200, body: { success: false, errorInfo } };
  }
  const parameters = Object.fromEntries(parameterValues.map(({ name, value }) => [name, value]));
  services.started.push({ process: schemaName, parameters });
  return { status: 200, body: { success: true, processId: randomUUID() } };
}
