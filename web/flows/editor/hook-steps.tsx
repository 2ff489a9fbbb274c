import { Stack, Text } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Flow } from '../../../server/flows/contract.ts';
import { CopyValue } from '../../ui/copy-value.tsx';
import { PageLink } from '../../ui/links.tsx';
import { Steps } from '../../ui/steps.tsx';
import { useText } from '../../ui/text.ts';
import { Notice } from './notice.tsx';

type Hook = NonNullable<NonNullable<Flow['trigger']>['hook']>;

/** For real time: the address, and the exact steps to paste it into the other app. */
export function HookSteps({ hook, connection }: { hook: Hook; connection: string | undefined }) {
  const { t } = useTranslation('flows');
  const text = useText();
  return (
    <Notice tone="wait" icon={<IconPlugConnected />} title={t('hook.title')}>
      <Stack gap={12}>
        <CopyValue value={hook.address} label={t('hook.address')} />
        <Steps text={text(hook.help)} />
        {connection && (
          <PageLink to="/connections/$connectionId" params={{ connectionId: connection }}>
            {t('editor.openConnection')}
          </PageLink>
        )}
        <Text size="sm" c="dimmed">
          {t('hook.reconcile', { count: hook.reconcileMinutes })}
        </Text>
      </Stack>
    </Notice>
  );
}
