import type { Account } from '../../kit/connector.ts';
import type { Text } from '../../kit/text.ts';
import type { CreatioApi } from './api.ts';

/** Signs in, finds the services and asks for one contact: together they try domain, sign-in, platform and rights. */
export async function check(api: CreatioApi): Promise<Account> {
  await api.list('Contact', { select: ['Id'], top: 1 });
  const { site, host, signIn, zone } = api.settings;
  const { responseTimeZone } = api.connection.fields;
  const typed = typeof responseTimeZone === 'string' ? responseTimeZone.trim() : '';
  return {
    label: signIn.kind === 'oauth' ? host : `${host}, ${signIn.userName}`,
    // One server may hold several installations, each under a path of its own.
    identity: site.replace(/^https?:\/\//, '').toLowerCase(),
    ...(typed !== '' && typed !== zone ? { warnings: [unknownZone(typed)] } : {}),
  };
}

const unknownZone = (zone: string): Text => ({
  en: `The time zone ${zone} is not known. UTC is used; write a name like Europe/Moscow.`,
  ru: `Часовой пояс ${zone} неизвестен, взят UTC. Укажите название вида Europe/Moscow.`,
});
