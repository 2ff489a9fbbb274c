import { z } from 'zod';
import { endpoint, textSchema } from '../http/contract.ts';

export const noticeKinds = [
  'flow.paused',
  'connection.reconnect',
  'connection.ending',
  'trigger.silent',
  'runs.attention',
  'disk.full',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const noticeSchema = z.object({
  id: z.string(),
  kind: z.enum(noticeKinds),
  text: textSchema,
  flow: z.string().nullable(),
  connection: z.string().nullable(),
  at: z.string(),
  /** When the trouble was over; null while it lasts. */
  settledAt: z.string().nullable(),
  read: z.boolean(),
});
export type Notice = z.infer<typeof noticeSchema>;

/** Where troubles are told outside the product. The address of the mail server holds its password: it is never given back. */
export const alertsSchema = z.object({
  /** Who is told by mail; empty: nobody. */
  email: z.union([z.literal(''), z.email().max(200)]),
  /** Who the mail comes from. */
  from: z.union([z.literal(''), z.email().max(200)]),
  /** A mail server is set. */
  smtpSet: z.boolean(),
  /** An address that gets a JSON POST for each trouble; empty: none. */
  webhook: z.union([z.literal(''), z.url({ protocol: /^https?$/ }).max(2000)]),
  /** Why the latest alert has not left yet, by way; null: nothing waits. */
  failures: z.object({ mail: textSchema.nullable(), webhook: textSchema.nullable() }),
});
export type Alerts = z.infer<typeof alertsSchema>;

export const noticesApi = {
  listNotices: endpoint({
    method: 'GET',
    path: '/notices',
    right: 'signedIn',
    summary: 'The latest notices, newest first, and how many are unread',
    tag: 'notices',
    response: z.object({ unread: z.number().int(), items: z.array(noticeSchema) }),
  }),
  readNotices: endpoint({
    method: 'POST',
    path: '/notices/read',
    right: 'signedIn',
    summary: 'Mark all as read',
    tag: 'notices',
    status: 204,
  }),
  getAlerts: endpoint({
    method: 'GET',
    path: '/alerts',
    right: 'administrator',
    summary: 'Where troubles are told outside the product',
    tag: 'notices',
    response: alertsSchema,
  }),
  patchAlerts: endpoint({
    method: 'PATCH',
    path: '/alerts',
    right: 'administrator',
    summary:
      'Change where troubles are told; `smtp` is an address like smtps://user:password@mail.company.com:465, empty forgets it',
    tag: 'notices',
    body: alertsSchema
      .omit({ smtpSet: true, failures: true })
      .partial()
      .extend({
        smtp: z
          .union([
            z.literal(''),
            z
              .string()
              .regex(/^smtps?:\/\/\S+$/)
              .max(2000),
          ])
          .optional(),
      }),
    response: alertsSchema,
  }),
  testAlerts: endpoint({
    method: 'POST',
    path: '/alerts/test',
    right: 'administrator',
    summary: 'Send a trial alert now and tell what came of it',
    tag: 'notices',
    response: z.object({
      mail: z.object({ sent: z.boolean(), text: textSchema }).nullable(),
      webhook: z.object({ sent: z.boolean(), text: textSchema }).nullable(),
    }),
  }),
};
