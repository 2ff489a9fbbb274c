import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { route } from '../http/route.ts';
import { readAlerts, sendAlert, writeAlerts } from './alerts.ts';
import { noticesApi } from './contract.ts';
import { listNotices, readNotices } from './notices.ts';

/** The door of the notices room: what a person must be told, in the product and outside it. */
export { registerAlertJobs } from './delivery.ts';

export function routes(app: FastifyInstance, ctx: Context): void {
  route(app, noticesApi.listNotices, () => listNotices(ctx));
  route(app, noticesApi.readNotices, () => readNotices(ctx));
  route(app, noticesApi.getAlerts, () => readAlerts(ctx));
  route(app, noticesApi.patchAlerts, ({ body }) => writeAlerts(ctx, body));
  route(app, noticesApi.testAlerts, () =>
    sendAlert(ctx, {
      kind: 'test',
      text: { en: 'This is a trial alert. Nothing is wrong.', ru: 'Это пробное оповещение. Всё в порядке.' },
      path: '/settings',
    }),
  );
}
