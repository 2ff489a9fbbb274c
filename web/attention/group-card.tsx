import { Button, Group, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AttentionGroup } from '../../server/flows/contract.ts';
import { PageButton, PageLink } from '../ui/links.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useText } from '../ui/text.ts';
import css from './attention.module.css';

interface Props {
  group: AttentionGroup;
  onRerun(): void;
  onDismiss(): void;
}

/** One cause: what went wrong, how often, with which records, and what can be done about all of them. */
export function GroupCard({ group, onRerun, onDismiss }: Props) {
  const { t } = useTranslation('attention');
  const text = useText();
  const unknown = group.state === 'unknown';
  const name = text(group.text) || t('noCause');
  return (
    <li className={css.group}>
      <div className={css.top}>
        <StateBadge of="run" state={group.state} />
        <PageLink to="/flows/$flowId" params={{ flowId: group.flow }} className={css.flow}>
          {group.flowName || t('noFlow')}
        </PageLink>
        <span className={css.times}>
          <Times group={group} />
        </span>
      </div>
      <h2 className={css.cause}>
        <span className={css.count}>{t('count', { count: group.count })}</span> {name}
      </h2>
      {unknown && (
        <Text size="sm" c="dimmed" maw="80ch" mt={4}>
          {t('unknown')}
        </Text>
      )}
      <Examples group={group} />
      <Group gap={8} mt={12}>
        {!unknown && (
          <>
            <Button variant="light" leftSection={<IconRefresh size={16} />} onClick={onRerun}>
              {t('rerun')}
            </Button>
            <PageButton
              to="/flows/$flowId"
              params={{ flowId: group.flow }}
              search={(group.state === 'rejected' ? { card: 'mapping', field: group.field ?? undefined } : {}) as never}
              variant="default"
            >
              {t(group.state === 'rejected' ? 'openMapping' : 'openFlow')}
            </PageButton>
          </>
        )}
        <Button {...(unknown ? { variant: 'default' } : { variant: 'subtle', color: 'gray' })} onClick={onDismiss}>
          {t('dismiss')}
        </Button>
      </Group>
    </li>
  );
}

function Times({ group }: { group: AttentionGroup }) {
  const { t } = useTranslation('attention');
  if (group.count === 1) return <RelativeTime at={group.lastAt} />;
  return (
    <>
      {t('first')} <RelativeTime at={group.firstAt} /> · {t('last')} <RelativeTime at={group.lastAt} />
    </>
  );
}

function Examples({ group }: { group: AttentionGroup }) {
  const { t } = useTranslation('attention');
  const decides = group.state === 'unknown';
  const more = group.count > group.runs.length;
  return (
    <div className={css.examples}>
      {more && <span className={css.quiet}>{t('examples')}: </span>}
      <ul>
        {group.runs.map((run) => {
          const name = /^\d+$/.test(run.label) ? t('number', { number: run.label }) : run.label;
          return (
            <li key={run.id}>
              <PageLink to="/runs/$runId" params={{ runId: run.id }}>
                {decides ? `${t('decide')}: ${name}` : name}
              </PageLink>
            </li>
          );
        })}
        {more && (
          <li>
            <PageLink to="/runs" search={{ flow: group.flow, states: group.state } as never}>
              {t('all')}
            </PageLink>
          </li>
        )}
      </ul>
    </div>
  );
}
