import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Notice, noticesApi } from '../../server/notices/contract.ts';
import { call, queryClient, queryOf } from '../api.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Loading } from '../ui/loading.tsx';
import { tellFailure } from '../ui/notify.tsx';
import { NoticeRow } from './notice-row.tsx';
import css from './notices.module.css';

/** The latest notices. Being shown makes them read; what was new stays marked for as long as the list is open. */
export function NoticeList({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation('notices');
  const notices = useQuery(queryOf(noticesApi.listNotices));
  const fresh = useReading(notices.data);
  return (
    <div className={css.list}>
      {notices.isPending && (
        <div className={css.loading}>
          <Loading rows={3} height={56} />
        </div>
      )}
      {notices.isError && <Failure error={notices.error} retry={() => void notices.refetch()} />}
      {notices.data?.items.length === 0 && <Empty title={t('none')} more={t('noneMore')} />}
      {notices.data && notices.data.items.length > 0 && (
        <ul className={css.rows}>
          {notices.data.items.map((notice) => (
            <NoticeRow key={notice.id} notice={notice} fresh={!notice.read || fresh.has(notice.id)} onLeave={onLeave} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** Marks everything as read, also what comes while the list is open; gives the ids of what was new. */
function useReading(notices: { unread: number; items: Notice[] } | undefined): ReadonlySet<string> {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const newest = notices?.items.find(({ read }) => !read)?.id;
  const unread = notices?.unread ?? 0;
  useEffect(() => {
    if (unread === 0) return;
    const { queryKey } = queryOf(noticesApi.listNotices);
    const ids = (queryClient.getQueryData(queryKey)?.items ?? []).filter(({ read }) => !read).map(({ id }) => id);
    setFresh((before) => new Set([...before, ...ids]));
    call(noticesApi.readNotices).then(() => queryClient.invalidateQueries({ queryKey }), tellFailure);
  }, [unread, newest]);
  return fresh;
}
