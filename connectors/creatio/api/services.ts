import type { Question } from '../caller.ts';
import { queryText } from '../dialect.ts';
import { noService } from '../errors.ts';
import type { Line } from './line.ts';

export interface NewFile {
  /** Ours. */
  id: string;
  name: string;
  mimeType: string;
  bytes: Buffer;
}

/** What a stand does beside OData. */
export function services(line: Line) {
  async function askService(
    name: string,
    question: Pick<Question, 'path' | 'headers' | 'json' | 'body'>,
  ): Promise<void> {
    try {
      await line.ask({ method: 'POST', timeoutMs: 60_000, ...question });
    } catch (error) {
      throw line.isClosed(error) ? noService(name, line.about) : error;
    }
  }

  return {
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
  };
}
