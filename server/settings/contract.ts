import { z } from 'zod';
import { troubles } from '../connections/contract.ts';
import { flowStates, runSummarySchema } from '../flows/contract.ts';
import { endpoint } from '../http/contract.ts';

/** The least and the most of each number. */
export const settingLimits = {
  brakePerHour: [1, 1_000_000],
  reconcileMinutes: [1, 1440],
  historyDays: [1, 3650],
  historyMegabytes: [100, 10_000_000],
} as const;
const within = ([least, most]: readonly [number, number]) => z.number().int().min(least).max(most);

export const settingsSchema = z.object({
  /** A flow that would create more records in an hour than this is paused and asks. */
  brakePerHour: within(settingLimits.brakePerHour),
  /** ISO 3166 country of phones written without one. */
  defaultCountry: z.string().regex(/^[A-Z]{2}$/),
  /** IANA zone in which dates without one are read and written by flows. */
  zone: z.string().max(60),
  /** Minutes between the reconciling polls of a flow in real time. */
  reconcileMinutes: within(settingLimits.reconcileMinutes),
  /** Days the history is kept. */
  historyDays: within(settingLimits.historyDays),
  /** Megabytes (1024 × 1024 bytes) the history may take of the disk: the oldest days go first. */
  historyMegabytes: within(settingLimits.historyMegabytes),
});
export type Settings = z.infer<typeof settingsSchema>;

export const settingsApi = {
  getSettings: endpoint({
    method: 'GET',
    path: '/settings',
    right: 'signedIn',
    summary: 'Settings of the installation',
    tag: 'settings',
    response: settingsSchema.extend({
      /** The address other apps reach us at; null without `PUBLIC_URL`. */
      publicUrl: z.string().nullable(),
      /** Real time needs a public HTTPS address. */
      realTimePossible: z.boolean(),
      version: z.string(),
      history: z.object({
        /** On the disk, indexes and deliveries included. */
        bytes: z.number(),
        /** Of the last whole days; null before there was one. */
        bytesPerDay: z.number().nullable(),
        oldestDay: z.string().nullable(),
      }),
    }),
  }),
  patchSettings: endpoint({
    method: 'PATCH',
    path: '/settings',
    right: 'administrator',
    summary: 'Change settings',
    tag: 'settings',
    body: settingsSchema.partial(),
    response: settingsSchema,
  }),
  getOverview: endpoint({
    method: 'GET',
    path: '/overview',
    right: 'signedIn',
    summary: 'The home page: is everything running, what needs me',
    tag: 'settings',
    response: z.object({
      flows: z.array(z.object({ state: z.enum(flowStates), count: z.number().int() })),
      ailingConnections: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          connector: z.string(),
          health: z.string(),
          trouble: z.enum(troubles).nullable(),
        }),
      ),
      /** Connections whose access ends within two weeks, or has ended. */
      endingConnections: z.array(z.object({ id: z.string(), name: z.string(), validUntil: z.string() })),
      /** Triggers that have been silent against their own rhythm. */
      silentTriggers: z.array(z.object({ flow: z.string(), name: z.string(), since: z.string() })),
      /** Runs on the attention list: rejected, dead, unknown. */
      attention: z.number().int(),
      waiting: z.number().int(),
      oldestWaitingAt: z.string().nullable(),
      /** What the history takes of the disk, deliveries included; at most a minute old. */
      historyBytes: z.number(),
      runsToday: z.number().int(),
      failuresToday: z.number().int(),
      /** Last 24 hours, one row an hour. */
      hours: z.array(z.object({ at: z.string(), runs: z.number().int(), failures: z.number().int() })),
      latest: z.array(runSummarySchema),
    }),
  }),
};
