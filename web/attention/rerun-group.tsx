import { Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AttentionGroup, attentionApi } from '../../server/flows/contract.ts';
import { call } from '../api.ts';
import { RerunChoices, type RerunHow } from '../runs/rerun-choices.tsx';
import { BulkDialog } from './bulk-dialog.tsx';
import { causeOf } from './cause.ts';

/** A whole group again, after what was wrong is mended. */
export function RerunGroup({ group, onClose }: { group: AttentionGroup; onClose(): void }) {
  const { t } = useTranslation('attention');
  const [how, setHow] = useState<RerunHow>({ from: 'failedStep', version: 'current' });
  return (
    <BulkDialog
      title={t('rerunTitle', { count: group.count })}
      verb={t('go')}
      what="rerun"
      total={group.count}
      takePage={(after) =>
        call(attentionApi.rerunMany, { body: { cause: causeOf(group), ...how, ...(after ? { after } : {}) } })
      }
      onClose={onClose}
    >
      <Text>{t('rerunMore')}</Text>
      <RerunChoices how={how} onChange={setHow} failed />
    </BulkDialog>
  );
}
