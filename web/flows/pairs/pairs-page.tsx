import { Button, Group } from '@mantine/core';
import { IconUnlink } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Pair, pairsApi } from '../../../server/flows/contract.ts';
import { call } from '../../api.ts';
import { SearchBox } from '../../runs/run-search.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Loading } from '../../ui/loading.tsx';
import { FlowPage } from '../frame/flow-page.tsx';
import { PairTable } from './pair-table.tsx';
import classes from './pairs.module.css';
import { UnlinkDialog } from './unlink-dialog.tsx';

/** `/flows/$flowId/pairs`: which record over here is which over there. */
export function FlowPairsPage() {
  return <FlowPage>{(flow) => <Pairs key={flow.id} flowId={flow.id} />}</FlowPage>;
}

function Pairs({ flowId }: { flowId: string }) {
  const { t } = useTranslation('flows');
  const [q, setQ] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Pair[]>([]);
  const pairs = usePairs(flowId, q);
  const items = pairs.data?.pages.flatMap((page) => page.items) ?? [];
  const shownChosen = items.filter(({ id }) => chosen.has(id));
  const empty = pairs.data && items.length === 0;
  return (
    <>
      {!(empty && q === '') && (
        <div className={classes.tools}>
          <SearchBox label={t('pairs.search')} value={q} onChange={setQ} />
          <Button
            variant="default"
            leftSection={<IconUnlink size={16} aria-hidden />}
            disabled={shownChosen.length === 0}
            onClick={() => setAsked(shownChosen)}
          >
            {shownChosen.length > 0 ? t('pairs.unlinkMany', { count: shownChosen.length }) : t('pairs.unlink')}
          </Button>
        </div>
      )}
      {pairs.error && <Failure error={pairs.error} retry={() => void pairs.refetch()} />}
      {pairs.isPending && !pairs.error && <Loading rows={6} height={44} />}
      {empty && q === '' && <Empty title={t('pairs.none')} more={t('pairs.noneMore')} />}
      {empty && q !== '' && (
        <Empty title={t('pairs.nothing')}>
          <Button variant="default" onClick={() => setQ('')}>
            {t('pairs.clear')}
          </Button>
        </Empty>
      )}
      {items.length > 0 && (
        <PairTable pairs={items} chosen={chosen} onChoose={setChosen} onUnlink={(pair) => setAsked([pair])} />
      )}
      {pairs.hasNextPage && (
        <Group justify="center" mt={16}>
          <Button variant="default" loading={pairs.isFetchingNextPage} onClick={() => void pairs.fetchNextPage()}>
            {t('pairs.more')}
          </Button>
        </Group>
      )}
      {asked.length > 0 && (
        <UnlinkDialog
          flowId={flowId}
          pairs={asked}
          once={pairs.data?.pages[0]?.once ?? false}
          onClose={() => setAsked([])}
          onUnlinked={() => setChosen(new Set())}
        />
      )}
    </>
  );
}

function usePairs(flowId: string, q: string) {
  return useInfiniteQuery({
    queryKey: [pairsApi.listPairs.path, { flowId, q }],
    queryFn: ({ pageParam }) =>
      call(pairsApi.listPairs, {
        params: { id: flowId },
        query: { ...(q ? { q } : {}), ...(pageParam ? { after: pageParam } : {}) },
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}
