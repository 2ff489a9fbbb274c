import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { readHistorySize } from '../flows/index.ts';
import { route } from '../http/route.ts';
import { readSettings, writeSettings } from '../installation.ts';
import { settingsApi } from './contract.ts';
import { readOverview } from './overview.ts';

/** The door of the settings room: settings of the installation and the home page. */
export function routes(app: FastifyInstance, ctx: Context): void {
  const { publicUrl, version } = ctx.config;
  route(app, settingsApi.getSettings, async () => ({
    ...(await readSettings(ctx)),
    publicUrl,
    realTimePossible: publicUrl !== null,
    version,
    history: await readHistorySize(ctx),
  }));
  route(app, settingsApi.patchSettings, ({ body }) => writeSettings(ctx, body));
  route(app, settingsApi.getOverview, () => readOverview(ctx));
}
