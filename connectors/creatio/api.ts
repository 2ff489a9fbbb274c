import type { ConnectionContext } from '../../kit/connector.ts';
import { openLine } from './api/line.ts';
import { describing } from './api/model.ts';
import { reading } from './api/read.ts';
import { services } from './api/services.ts';
import { writing } from './api/write.ts';
import type { Dialect } from './dialect.ts';

export type CreatioApi = ReturnType<typeof createApi>;

/** Everything we ask a stand for; its addresses stand in `api/` alone. */
export function createApi(connection: ConnectionContext, dialect: Dialect, app: string) {
  const line = openLine(connection, dialect, app);
  const { settings, about, now } = line;
  return {
    connection,
    settings,
    dialect,
    about,
    now,
    ...reading(line),
    ...writing(line),
    ...describing(line),
    ...services(line),
  };
}
