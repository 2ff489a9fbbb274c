import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Backfill, type FlowDefinition, flowsApi } from '../../../server/flows/contract.ts';
import { queryOf } from '../../api.ts';
import { useEditor } from '../editor/context.ts';

/** How many there are, and how many of the recent ones the filter would let through. */
export function Counted({ backfill }: { backfill: Backfill }) {
  const { flow } = useEditor();
  const { t } = useTranslation('flows');
  const { total } = backfill;
  const filtered = flow.version?.definition.filter ? flow.version.definition : null;
  return (
    <Text role="status">
      {total === null ? (
        t('backfill.readyUnknown')
      ) : total === 0 ? (
        t('backfill.readyNone')
      ) : (
        <b>{t('backfill.ready', { count: total })}.</b>
      )}{' '}
      {filtered && total !== 0 && <Passing definition={filtered} />}
    </Text>
  );
}

function Passing({ definition }: { definition: FlowDefinition }) {
  const { t } = useTranslation('flows');
  const { data } = useQuery({
    ...queryOf(flowsApi.postFilterCount, { body: { draft: definition } }),
    staleTime: 60_000,
    retry: false,
  });
  return data && data.of > 0 ? t('backfill.passing', data) : null;
}
