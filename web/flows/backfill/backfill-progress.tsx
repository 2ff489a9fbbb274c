import { Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Backfill } from '../../../server/flows/contract.ts';

/** A bar with its numbers; without a total only the numbers. */
export function BackfillProgress({ backfill }: { backfill: Backfill }) {
  const { t, i18n } = useTranslation('flows');
  const { total, taken, open, state } = backfill;
  const done = Math.max(0, taken - open);
  const format = (count: number) => new Intl.NumberFormat(i18n.language).format(count);
  const words =
    total === null
      ? t('backfill.doneOnly', { count: done })
      : t('backfill.done', { done: format(done), total: format(total) });
  return (
    <>
      <Text role="status" mb={6}>
        {state === 'paused' && (
          <>
            <b>{t('backfill.paused')}</b> ·{' '}
          </>
        )}
        {words}
        {open > 0 && `, ${t('backfill.inWork', { count: open })}`}
      </Text>
      {total !== null && (
        <Progress
          value={Math.min(100, total === 0 ? 100 : (done / total) * 100)}
          color={state === 'paused' ? 'gray' : 'accent'}
          transitionDuration={100}
          aria-label={words}
        />
      )}
    </>
  );
}
