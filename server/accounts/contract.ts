import { z } from 'zod';
import { endpoint } from '../http/contract.ts';

const email = z.email().max(200);
/** At least 10 characters; better-auth hashes it (scrypt). */
const password = z.string().min(10).max(200);

export const personSchema = z.object({
  id: z.string(),
  email,
  name: z.string(),
  language: z.enum(['en', 'ru']),
  /** IANA zone. */
  zone: z.string(),
});
export type Person = z.infer<typeof personSchema>;

export const accountsApi = {
  /** What the sign-in page must know before anybody is known. */
  getSetup: endpoint({
    method: 'GET',
    path: '/setup',
    right: 'public',
    summary: 'Whether the first administrator is still to be made',
    tag: 'accounts',
    response: z.object({
      needed: z.boolean(),
      /** From elsewhere than this computer the one-time code of the start-up log is asked for. */
      codeNeeded: z.boolean(),
    }),
  }),
  postSetup: endpoint({
    method: 'POST',
    path: '/setup',
    right: 'public',
    summary: 'Make the first administrator and sign in',
    tag: 'accounts',
    body: z.object({
      email,
      password,
      name: z.string().trim().min(1).max(200),
      language: z.enum(['en', 'ru']),
      zone: z.string().max(60),
      code: z.string().max(40).optional(),
    }),
    response: personSchema,
    status: 201,
  }),
  getSession: endpoint({
    method: 'GET',
    path: '/session',
    right: 'signedIn',
    summary: 'Who is signed in',
    tag: 'accounts',
    response: personSchema,
  }),
  postSession: endpoint({
    method: 'POST',
    path: '/session',
    right: 'public',
    summary: 'Sign in',
    tag: 'accounts',
    body: z.object({
      email,
      password: z.string().max(200),
      /** What the sign-in page was read in; without it `Accept-Language` says. Only for somebody who never chose one. */
      language: z.enum(['en', 'ru']).optional(),
    }),
    response: personSchema,
  }),
  deleteSession: endpoint({
    method: 'DELETE',
    path: '/session',
    right: 'signedIn',
    summary: 'Sign out',
    tag: 'accounts',
    status: 204,
  }),
  patchMe: endpoint({
    method: 'PATCH',
    path: '/me',
    right: 'signedIn',
    summary: 'Change my name, language or time zone',
    tag: 'accounts',
    body: z.object({
      name: z.string().trim().min(1).max(200).optional(),
      language: z.enum(['en', 'ru']).optional(),
      zone: z.string().max(60).optional(),
    }),
    response: personSchema,
  }),
  postMyPassword: endpoint({
    method: 'POST',
    path: '/me/password',
    right: 'signedIn',
    summary: 'Change my password; other sessions end',
    tag: 'accounts',
    body: z.object({ current: z.string().max(200), next: password }),
    status: 204,
  }),
  listApiKeys: endpoint({
    method: 'GET',
    path: '/api-keys',
    right: 'administrator',
    summary: 'API keys, without their secrets',
    tag: 'accounts',
    response: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        start: z.string(),
        createdAt: z.string(),
        lastUsedAt: z.string().nullable(),
      }),
    ),
  }),
  postApiKey: endpoint({
    method: 'POST',
    path: '/api-keys',
    right: 'administrator',
    summary: 'Make an API key; its secret is shown this once',
    tag: 'accounts',
    body: z.object({ name: z.string().trim().min(1).max(100) }),
    response: z.object({ id: z.string(), name: z.string(), key: z.string() }),
    status: 201,
  }),
  deleteApiKey: endpoint({
    method: 'DELETE',
    path: '/api-keys/:id',
    right: 'administrator',
    summary: 'Revoke an API key',
    tag: 'accounts',
    params: z.object({ id: z.string().max(100) }),
    status: 204,
  }),
};
