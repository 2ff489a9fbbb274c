import { testConnection } from '../../../kit/testing/connection.ts';
import { type Api, createApi } from '../api.ts';
import { bitrix24 } from '../index.ts';
import type { Bitrix24StandIn } from '../stand-in.ts';

/** The connector's own view of a stand-in, for tests. */
export const connectTo = (standIn: Pick<Bitrix24StandIn, 'webhookUrl' | 'restBase'>): Api =>
  createApi(
    testConnection(bitrix24, {
      fields: {},
      secrets: { webhookUrl: standIn.webhookUrl },
      endpoints: { rest: standIn.restBase },
    }),
  );
