import type { Account } from '../../kit/connector.ts';
import type { Text } from '../../kit/text.ts';
import type { Person } from './answers.ts';
import { type Api, methods } from './api.ts';

const noUserScope: Text = {
  en: 'The webhook has no permission “Users (user)”. Everything works without it; only the name of the employee may be missing here.',
  ru: 'У вебхука нет разрешения «Пользователи (user)». Без него всё работает, но имя сотрудника здесь может не показываться.',
};

const nameOf = (person: Person | undefined): string =>
  [person?.NAME, person?.LAST_NAME].filter((part) => part?.trim()).join(' ');

/** One call tells who we are and whether CRM is open to us; what refuses the whole batch is the address or the webhook. */
export async function check(api: Api): Promise<Account> {
  const { values, failures } = await api.batch({
    profile: methods.profile(),
    user: methods.userCurrent(),
    fields: methods.itemFields({ entityTypeId: 2 }),
  });
  if (failures.fields) throw failures.fields;
  const name = nameOf(values.user as Person | undefined) || nameOf(values.profile as Person | undefined);
  return {
    label: [api.portal, name].filter(Boolean).join(', '),
    identity: api.portal,
    ...(failures.user?.code === 'bitrix24.scope' && { warnings: [noUserScope] }),
  };
}
