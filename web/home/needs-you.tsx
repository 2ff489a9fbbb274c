import { Group, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCalendarDue,
  IconCircleCheck,
  IconClock,
  IconEarOff,
  IconPlayerPause,
  IconPlugConnectedX,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageButton } from '../ui/links.tsx';
import { Panel } from '../ui/panel.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { inner } from '../ui/text.ts';
import css from './home.module.css';
import type { Overview } from './overview.ts';

/** The first thing she sees: each thing that waits for a person, with its next click; or that there is none. */
export function NeedsYou({ overview }: { overview: Overview }) {
  const { t } = useTranslation('home');
  const { attention, waiting, oldestWaitingAt, ailingConnections, endingConnections, silentTriggers } = overview;
  const paused = overview.flows.find(({ state }) => state === 'paused')?.count ?? 0;
  const troubles = [...ailingConnections, ...endingConnections, ...silentTriggers];
  if (attention + waiting + paused + troubles.length === 0) {
    return (
      <Panel>
        <Group gap="sm" c="var(--state-good)">
          <IconCircleCheck size={22} aria-hidden />
          <Text fw={600} size="lg" component="h2">
            {t('allWell')}
          </Text>
          <Text c="dimmed">{t('nothingNeeds')}</Text>
        </Group>
      </Panel>
    );
  }
  return (
    <Panel title={t('needsYou')}>
      <ul className={css.needs}>
        {ailingConnections.map(({ id, name, health, trouble }) => {
          const lost = health === 'reconnect';
          return (
            <Need
              key={id}
              tone={lost ? 'broken' : 'attention'}
              Icon={lost ? IconPlugConnectedX : IconAlertTriangle}
              title={t(`ailing.${trouble ?? (lost ? 'revoked' : 'unreachable')}`, { name: inner(name) })}
              more={t(
                lost
                  ? 'connectionMore'
                  : `ailingMore.${trouble === 'scope' || trouble === 'wrongAddress' ? 'mend' : 'wait'}`,
              )}
            >
              <PageButton
                to="/connections/$connectionId"
                params={{ connectionId: id }}
                {...(lost ? { hash: 'reconnect' } : { variant: 'default' })}
                aria-label={`${t(lost ? 'reconnect' : 'open')}: ${name}`}
              >
                {t(lost ? 'reconnect' : 'open')}
              </PageButton>
            </Need>
          );
        })}
        {endingConnections
          // Of one that has lost its access it is told above.
          .filter(({ id }) => !ailingConnections.some((one) => one.id === id && one.health === 'reconnect'))
          .map((connection) => (
            <Ending key={connection.id} connection={connection} />
          ))}
        {attention > 0 && (
          <Need
            tone="broken"
            Icon={IconAlertTriangle}
            title={t('attention', { count: attention })}
            more={t('attentionMore')}
          >
            <PageButton to="/attention" variant="default">
              {t('look')}
            </PageButton>
          </Need>
        )}
        {paused > 0 && (
          <Need tone="attention" Icon={IconPlayerPause} title={t('paused', { count: paused })} more={t('pausedMore')}>
            <PageButton to="/flows" search={{ state: 'paused' }} variant="default">
              {t('open')}
            </PageButton>
          </Need>
        )}
        {silentTriggers.map(({ flow, name, since }) => (
          <Need
            key={flow}
            tone="attention"
            Icon={IconEarOff}
            title={t('silent', { name: inner(name) })}
            more={
              <>
                {t('silentMore')} {t('silentSince')} <RelativeTime at={since} />
              </>
            }
          >
            <PageButton
              to="/flows/$flowId"
              params={{ flowId: flow }}
              variant="default"
              aria-label={`${t('open')}: ${name}`}
            >
              {t('open')}
            </PageButton>
          </Need>
        ))}
        {waiting > 0 && (
          <Need
            tone="wait"
            Icon={IconClock}
            title={t('waiting', { count: waiting })}
            more={
              oldestWaitingAt && (
                <>
                  {t('waitingOldest')} <RelativeTime at={oldestWaitingAt} />
                </>
              )
            }
          >
            <PageButton to="/runs" search={{ states: 'waiting' }} variant="default">
              {t('look')}
            </PageButton>
          </Need>
        )}
      </ul>
    </Panel>
  );
}

/** An access that a person must renew before its last day. */
function Ending({ connection }: { connection: Overview['endingConnections'][number] }) {
  const { t, i18n } = useTranslation('home');
  const { id, name, validUntil } = connection;
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(validUntil),
  );
  return (
    <Need
      tone="attention"
      Icon={IconCalendarDue}
      title={t('ending', { name: inner(name) })}
      more={t('endingMore', { day })}
    >
      <PageButton
        to="/connections/$connectionId"
        params={{ connectionId: id }}
        hash="reconnect"
        variant="default"
        aria-label={`${t('reconnect')}: ${name}`}
      >
        {t('reconnect')}
      </PageButton>
    </Need>
  );
}

interface NeedProps {
  tone: 'broken' | 'attention' | 'wait';
  Icon: TablerIcon;
  title: string;
  more: ReactNode;
  children: ReactNode;
}

function Need({ tone, Icon, title, more, children }: NeedProps) {
  return (
    <li className={css.need} data-tone={tone}>
      <Icon size={22} stroke={1.8} aria-hidden />
      <div className={css.needWords}>
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed" component="div">
          {more}
        </Text>
      </div>
      {children}
    </li>
  );
}
