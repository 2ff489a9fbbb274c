import { createHash } from 'node:crypto';
import type { Account } from '../../kit/connector.ts';
import type { Text } from '../../kit/text.ts';
import type { HubexApi } from './api.ts';

/**
 * Asks for the number of tasks and for the types of tasks: together they try address, token, application id and rights.
 * HubEx has no "who am I"; the tenant stands in the access token, where it can be read.
 */
export async function check(api: HubexApi): Promise<Account> {
  await api.countTasks();
  const types = await api.dictionary('taskType');
  const host = URL.parse(api.connection.endpoints.api ?? '')?.host ?? '';
  const tenant = tenantOf(await api.token());
  const warnings: Text[] = [];
  if (types.length === 0) warnings.push(noTypes);
  const zone = String(api.connection.fields.responseTimeZone ?? '').trim();
  if (zone !== '' && zone !== api.settings.zone) warnings.push(unknownZone(zone));
  return {
    label: tenant === null ? host : `${host}, № ${tenant}`,
    identity: tenant === null ? host : `${host}#${tenant}`,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** The claim's name is not documented: the usual ones are tried; a subject that only the account has is hashed. */
function tenantOf(token: string): string | null {
  const claims = claimsOf(token);
  for (const name of ['tenantID', 'tenantId', 'tenant_id', 'tenant', 'TenantID']) {
    const value = claims[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  const subject = claims.sub;
  return typeof subject === 'string' && subject !== ''
    ? createHash('sha256').update(subject).digest('hex').slice(0, 8)
    : null;
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return claims !== null && typeof claims === 'object' ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const noTypes: Text = {
  en: 'The API user sees no task types. Give it all districts, or it cannot create tasks.',
  ru: 'Пользователь API не видит ни одного типа заявок. Выдайте ему все участки, иначе он не сможет создавать заявки.',
};

const unknownZone = (zone: string): Text => ({
  en: `The time zone ${zone} is not known. UTC is used; write a name like Europe/Moscow.`,
  ru: `Часовой пояс ${zone} неизвестен, взят UTC. Укажите название вида Europe/Moscow.`,
});
