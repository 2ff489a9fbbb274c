import { randomBytes } from 'node:crypto';
import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';

/** Who may come in: the sign-in form, OAuth clients, basic authorization. */

export interface GateRules {
  platform: 'netframework' | 'netcore';
  /** A write without the `BPMCSRF` header is refused; older stands have no such cookie at all. */
  csrf: boolean;
  /** What a call with an ended session gets: 401, the sign-in page, or a redirect to it. */
  endedSession: '401' | 'page' | 'redirect';
  basic: boolean;
  /** The path where tokens are given out. */
  tokenPath: string;
  /** IIS answers a longer query string with a page (404.15). */
  longestQuery: number;
}

export const gateRules = (platform: GateRules['platform']): GateRules => ({
  platform,
  csrf: true,
  endedSession: '401',
  basic: false,
  tokenPath: '/connect/token',
  longestQuery: 2048,
});

export interface Gate {
  userName: string;
  password: string;
  clientId: string;
  clientSecret: string;
  rules: GateRules;
  /** How often somebody tried to sign in, with or without luck. */
  signIns: number;
  /** Says why the door stays shut for a form that is right. */
  passwordExpired: boolean;
  sessions: Map<string, { csrf: string }>;
  tokens: Set<string>;
}

export const createGate = (options: {
  platform: GateRules['platform'];
  password: string;
  clientSecret: string;
}): Gate => ({
  userName: 'integration',
  password: options.password,
  clientId: 'C1E7D8A0F25B4D0F9E5C',
  clientSecret: options.clientSecret,
  rules: gateRules(options.platform),
  signIns: 0,
  passwordExpired: false,
  sessions: new Map(),
  tokens: new Set(),
});

export const signInPage = '<!DOCTYPE html><html><head><title>Вход в систему</title></head><body>NuiLogin</body></html>';
const page: StandInResponse = { status: 200, headers: { 'content-type': 'text/html' }, body: signInPage };

function logIn(gate: Gate, request: StandInRequest, refused: boolean): StandInResponse {
  gate.signIns += 1;
  let form: { UserName?: string; UserPassword?: string } = {};
  try {
    form = JSON.parse(request.rawBody.toString('utf8')) as typeof form;
  } catch {
    return { status: 400, body: '' };
  }
  const answer = { Code: 0, Message: '', Exception: null, PasswordChangeUrl: null as string | null, RedirectUrl: null };
  const isRight = form.UserName === gate.userName && form.UserPassword === gate.password && !refused;
  if (isRight && gate.passwordExpired)
    return {
      status: 200,
      body: { ...answer, Code: 2, Message: 'Срок действия пароля истёк.', PasswordChangeUrl: '/ChangePassword' },
    };
  if (!isRight) return { status: 200, body: { ...answer, Code: 1, Message: 'Неверный логин или пароль.' } };
  const key = randomBytes(24).toString('hex');
  const csrf = randomBytes(16).toString('base64url');
  gate.sessions.set(key, { csrf });
  const cookies = [
    'BPMLOADER=1; path=/; HttpOnly',
    `.ASPXAUTH=${key}; expires=Fri, 31-Dec-2099 23:59:59 GMT; path=/; HttpOnly`,
    ...(gate.rules.csrf ? [`BPMCSRF=${csrf}; path=/`] : []),
    `UserName=${[...gate.userName].map((letter) => letter.charCodeAt(0)).join('%7c')}; path=/`,
  ];
  return { status: 200, headers: { 'set-cookie': cookies as unknown as string }, body: answer };
}

function giveToken(gate: Gate, request: StandInRequest, refused: boolean): StandInResponse {
  gate.signIns += 1;
  const form = new URLSearchParams(request.rawBody.toString('utf8'));
  const isRight =
    form.get('grant_type') === 'client_credentials' &&
    form.get('client_id') === gate.clientId &&
    form.get('client_secret') === gate.clientSecret &&
    !refused;
  if (!isRight) return { status: 400, body: { error: 'invalid_client' } };
  const token = randomBytes(32).toString('base64url');
  gate.tokens.add(token);
  return { status: 200, body: { access_token: token, expires_in: 3600, token_type: 'Bearer' } };
}

/** Answers of the doors themselves; null: not a door. */
export function answerDoor(gate: Gate, request: StandInRequest, refused: boolean): StandInResponse | null {
  // Served at the root of the site alone, on both platforms.
  if (request.path === '/ServiceModel/AuthService.svc/Login') return logIn(gate, request, refused);
  if (request.path.endsWith('/ServiceModel/AuthService.svc/Login')) return { status: 401, body: '' };
  if (request.path === gate.rules.tokenPath && request.method === 'POST') return giveToken(gate, request, refused);
  return null;
}

const cookiesOf = (request: StandInRequest): Map<string, string> =>
  new Map(
    (request.headers.cookie ?? '').split('; ').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );

/** Why a call of somebody is turned away; null: it may pass. `isOdata`: basic authorization opens the OData service alone. */
export function turnAway(
  gate: Gate,
  request: StandInRequest,
  { refused, isOdata }: { refused: boolean; isOdata: boolean },
): StandInResponse | null {
  const authorization = request.headers.authorization ?? '';
  if (authorization.startsWith('Bearer '))
    return gate.tokens.has(authorization.slice(7)) && !refused ? null : { status: 401, body: '' };
  if (authorization.startsWith('Basic ')) {
    const right = Buffer.from(`${gate.userName}:${gate.password}`).toString('base64');
    return gate.rules.basic && isOdata && authorization === `Basic ${right}` && !refused
      ? null
      : { status: 401, body: '' };
  }
  const session = gate.sessions.get(cookiesOf(request).get('.ASPXAUTH') ?? '');
  if (!session || refused) return ended(gate, request);
  if (request.headers.forceusesession !== 'true') return ended(gate, request);
  const writes = request.method !== 'GET';
  if (writes && gate.rules.csrf && request.headers.bpmcsrf !== session.csrf)
    return { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>CSRF token is not valid</html>' };
  return null;
}

function ended(gate: Gate, request: StandInRequest): StandInResponse {
  switch (gate.rules.endedSession) {
    case '401':
      return { status: 401, body: '' };
    case 'page':
      return page;
    case 'redirect':
      return request.path === '/Login/NuiLogin.aspx'
        ? page
        : { status: 302, headers: { location: '/Login/NuiLogin.aspx' } };
  }
}

/** Every session ends, as after a restart of the site. */
export function endSessions(gate: Gate): void {
  gate.sessions.clear();
  gate.tokens.clear();
}
