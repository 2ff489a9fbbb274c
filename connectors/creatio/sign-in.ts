import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ConnectionContext } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { HttpResponse } from '../../kit/http.ts';
import { fill } from '../../kit/text.ts';
import { cookiesOf } from './cookies.ts';
import { type About, clientRefused, failureOf, notThere, signInRefused } from './errors.ts';
import type { Settings, SignIn } from './settings.ts';

/** What goes with every call of a signed-in user. */
export interface Credentials {
  headers: Record<string, string>;
  /** Must not be recorded. */
  secrets: string[];
  /** To tell the session that was refused. */
  token: string;
}

interface Renewed {
  token: string;
  expiresAt: Date;
}

const loginAnswer = z.looseObject({
  Code: z.number(),
  Message: z.string().nullish(),
  PasswordChangeUrl: z.string().nullish(),
});
const tokenAnswer = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().nullish() });
const oauthError = z.looseObject({ error: z.string().nullish(), error_description: z.string().nullish() });
const cookieSession = z.record(z.string(), z.string());

/** How long Creatio keeps a session is its setting; it says when one has ended, so ours only needs an upper bound. */
const sessionMilliseconds = 24 * 3600_000;
const renewBeforeSeconds = 120;
const refusalKey = 'refusedSignIn';

/** Signs in as the form says. The session is shared by all processes and renewed by one of them. */
export function createSignIn(connection: ConnectionContext, settings: Settings, about: About) {
  const { signIn } = settings;
  const renew = guarded();

  /** `stale`: the token that was just refused. */
  return async function credentials(stale?: string): Promise<Credentials> {
    switch (signIn.kind) {
      case 'basic': {
        const key = Buffer.from(`${signIn.userName}:${signIn.password}`).toString('base64');
        return { headers: { Authorization: `Basic ${key}` }, secrets: [key], token: key };
      }
      case 'oauth': {
        const token = await connection.session.token(renew, stale);
        return { headers: { Authorization: `Bearer ${token}` }, secrets: [token], token };
      }
      case 'forms':
        return ofCookies(await connection.session.token(renew, stale));
    }
  };

  /**
   * Accounts are locked after a few wrong passwords, so a refused one is tried once and then no more, by no process,
   * until a person changes or reconnects the connection: that raises its revision.
   */
  function guarded(): () => Promise<Renewed> {
    const key = fingerprint([settings.site, signIn, connection.revision]);
    return async () => {
      const isRefused = (await connection.memory.get(refusalKey)) === key;
      if (isRefused) throw signInRefused(about, { message: '', expired: false });
      try {
        return signIn.kind === 'oauth' ? await askToken(signIn) : await logIn(signIn);
      } catch (error) {
        if (error instanceof ConnectorError && error.kind === 'reconnect') await connection.memory.set(refusalKey, key);
        throw error;
      }
    };
  }

  /** Always at the root of the site: under `/0/` the same address answers 401. */
  async function logIn(user: Exclude<SignIn, { kind: 'oauth' }>): Promise<Renewed> {
    const response = await connection.http.request({
      method: 'POST',
      url: `${settings.site}/ServiceModel/AuthService.svc/Login`,
      headers: { ForceUseSession: 'true', Accept: 'application/json' },
      json: { UserName: user.userName, UserPassword: user.password },
      hideBodies: true,
    });
    const answer = loginAnswer.safeParse(jsonOf(response)).data;
    if (!answer) throw busy(response) ?? notThere(about, response.status);
    // A wrong password is told at HTTP 200 by a code other than 0.
    if (answer.Code !== 0)
      throw signInRefused(about, { message: answer.Message ?? '', expired: Boolean(answer.PasswordChangeUrl) });
    const cookies = cookiesOf(response.headers['set-cookie']);
    return { token: JSON.stringify(cookies), expiresAt: new Date(Date.now() + sessionMilliseconds) };
  }

  async function askToken(client: Extract<SignIn, { kind: 'oauth' }>): Promise<Renewed> {
    const response = await connection.http.request({
      method: 'POST',
      url: client.tokenUrl,
      form: { client_id: client.clientId, client_secret: client.clientSecret, grant_type: 'client_credentials' },
      headers: { Accept: 'application/json' },
      hideBodies: true,
    });
    const answer = tokenAnswer.safeParse(jsonOf(response)).data;
    if (answer && response.status < 400) {
      const seconds = Math.max(60, (answer.expires_in ?? 3600) - renewBeforeSeconds);
      return { token: answer.access_token, expiresAt: new Date(Date.now() + seconds * 1000) };
    }
    const said = oauthError.safeParse(jsonOf(response)).data;
    if ([400, 401, 403].includes(response.status))
      throw clientRefused(about, said?.error_description ?? said?.error ?? '');
    throw busy(response) ?? noIdentityService(client.tokenUrl, response.status);
  }

  function busy(response: HttpResponse): ConnectorError | null {
    return response.status === 429 || response.status >= 500 ? failureOf(response, about) : null;
  }
}

/** Every cookie goes back. Stands before 7.10 have no BPMCSRF: the header is sent only where the cookie exists. */
function ofCookies(token: string): Credentials {
  const cookies = cookieSession.parse(JSON.parse(token));
  const csrf = cookies.BPMCSRF;
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  const secrets = Object.entries(cookies).flatMap(([name, value]) => (name === 'UserName' ? [] : [value]));
  return { headers: { Cookie: cookie, ...(csrf ? { BPMCSRF: csrf } : {}) }, secrets, token };
}

const fingerprint = (form: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(form)).digest('base64url').slice(0, 32);

/** There is something at the address, but nothing that gives out tokens. */
const noIdentityService = (tokenUrl: string, status: number): ConnectorError =>
  new ConnectorError({
    kind: 'temporary',
    code: 'creatio.wrong_identity',
    text: fill(
      {
        en: 'There is no identity service at {address} (answer {status}). Check the fields “Identity service” and “Path of the token”: the system setting OAuth20IdentityServerUrl holds the address.',
        ru: 'По адресу {address} нет службы идентификации (ответ {status}). Проверьте поля «Служба идентификации» и «Путь выдачи токена»: адрес хранит системная настройка OAuth20IdentityServerUrl.',
      },
      { address: tokenUrl, status },
    ),
  });

function jsonOf(response: HttpResponse): unknown {
  try {
    return response.json();
  } catch {
    return null;
  }
}
