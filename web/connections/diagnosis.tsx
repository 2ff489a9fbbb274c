import { Button, Group, Text } from '@mantine/core';
import { IconPlugConnected, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FailureView, Trouble } from '../../server/connections/contract.ts';
import { PageLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { useText } from '../ui/text.ts';

/** What helps: new keys, another address, asking once more, or nothing but time. */
export type NextClick = 'reconnect' | 'address' | 'check' | 'wait';
const next: Record<Trouble, NextClick> = {
  revoked: 'reconnect',
  expired: 'reconnect',
  otherAccount: 'reconnect',
  wrongAddress: 'address',
  scope: 'check',
  unreachable: 'check',
  limited: 'wait',
  unwell: 'wait',
};

export const nextClickOf = ({ trouble }: FailureView): NextClick => (trouble ? next[trouble] : 'check');

interface Props {
  failure: FailureView;
  /** Key of the app. */
  app: string;
  /** Opens the form of the access; absent while it is open. */
  onReconnect?: (() => void) | undefined;
  onCheck?: (() => void) | undefined;
  checking?: boolean;
}

/** Which of the troubles it is, in the app's own words too, and the click that helps. */
export function Diagnosis({ failure, app, onReconnect, onCheck, checking }: Props) {
  const { t } = useTranslation('connections');
  const say = useText();
  const { trouble } = failure;
  const click = nextClickOf(failure);
  const opens = onReconnect && (click === 'reconnect' || click === 'address');
  const asks = onCheck && click === 'check';
  const other = trouble === 'otherAccount';
  return (
    <Notice tone={click === 'reconnect' ? 'broken' : 'attention'} role="alert">
      {trouble && <Text fw={600}>{t(`trouble.${trouble}`)}</Text>}
      <Text component="div">{say(failure.text)}</Text>
      {click === 'wait' && <Text c="dimmed">{t('weGoOn')}</Text>}
      {(opens || asks || other) && (
        <Group gap="sm" mt="sm">
          {opens && (
            <Button size="xs" leftSection={<IconPlugConnected size={16} aria-hidden />} onClick={onReconnect}>
              {t(click === 'address' ? 'mendAddress' : 'reconnect')}
            </Button>
          )}
          {asks && (
            <Button
              size="xs"
              leftSection={<IconRefresh size={16} aria-hidden />}
              loading={checking === true}
              onClick={onCheck}
            >
              {t('checkAgain')}
            </Button>
          )}
          {other && (
            <PageLink to="/connections/new/$app" params={{ app }}>
              {t('addOther')}
            </PageLink>
          )}
        </Group>
      )}
    </Notice>
  );
}
