import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AttentionGroup, attentionApi } from '../../server/flows/contract.ts';
import { queryOf } from '../api.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import css from './attention.module.css';
import { DismissGroup } from './dismiss-group.tsx';
import { GroupCard } from './group-card.tsx';
import { RerunGroup } from './rerun-group.tsx';

/** `/attention`: runs that need a person, one card a cause, the largest first. */
export function AttentionPage() {
  const { t } = useTranslation('attention');
  const groups = useQuery({ ...queryOf(attentionApi.listAttention), staleTime: 0 });
  // The group as it was asked about: it leaves the list while the dialog works through it.
  const [asked, setAsked] = useState<{ what: 'rerun' | 'dismiss'; group: AttentionGroup } | null>(null);
  const close = () => setAsked(null);
  return (
    <Page title={t('title')}>
      {groups.error && <Failure error={groups.error} retry={() => void groups.refetch()} />}
      {groups.isPending && !groups.error && <Loading rows={4} height={132} />}
      {groups.data?.length === 0 && <Empty title={t('none')} more={t('noneMore')} />}
      {groups.data && groups.data.length > 0 && (
        <ul className={css.groups} aria-label={t('list')}>
          {groups.data.map((group) => (
            <GroupCard
              key={[group.flow, group.state, group.code, group.field].join(' ')}
              group={group}
              onRerun={() => setAsked({ what: 'rerun', group })}
              onDismiss={() => setAsked({ what: 'dismiss', group })}
            />
          ))}
        </ul>
      )}
      {asked?.what === 'rerun' && <RerunGroup group={asked.group} onClose={close} />}
      {asked?.what === 'dismiss' && <DismissGroup group={asked.group} onClose={close} />}
    </Page>
  );
}
