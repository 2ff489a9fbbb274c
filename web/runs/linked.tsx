import { Button, Stack } from '@mantine/core';
import { IconArrowsLeftRight, IconUnlink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Pair, pairsApi, type Run } from '../../server/flows/contract.ts';
import { queryOf } from '../api.ts';
import { LinkedRecord, nameOfEnd } from '../flows/pairs/linked-end.tsx';
import { UnlinkDialog } from '../flows/pairs/unlink-dialog.tsx';
import { Panel } from '../ui/panel.tsx';
import classes from './runs.module.css';

/** Which records over there belong to the run's record now; a wrong link can be broken here. */
export function Linked({ run }: { run: Run }) {
  const { t } = useTranslation('flows');
  const [asked, setAsked] = useState<Pair | null>(null);
  // What is said here is beside the run: where it cannot be told, nothing is.
  const linked = useQuery({
    ...queryOf(pairsApi.listPairs, { params: { id: run.flow.id }, query: { record: run.record.id } }),
    retry: false,
  });
  if (!linked.data || linked.data.items.length === 0) return null;
  return (
    <Panel title={t('pairs.table')}>
      <Stack gap={8}>
        {linked.data.items.map((pair) => (
          <div key={pair.id} className={classes.linked}>
            <LinkedRecord end={pair.source} />
            <IconArrowsLeftRight size={18} aria-hidden className={classes.quiet} />
            <LinkedRecord end={pair.target} />
            <Button
              variant="default"
              size="xs"
              leftSection={<IconUnlink size={16} aria-hidden />}
              aria-label={t('pairs.unlinkOne', { name: nameOfEnd(pair.source) })}
              onClick={() => setAsked(pair)}
            >
              {t('pairs.unlink')}
            </Button>
          </div>
        ))}
      </Stack>
      {asked && (
        <UnlinkDialog
          flowId={run.flow.id}
          pairs={[asked]}
          once={linked.data.once}
          onClose={() => setAsked(null)}
          onUnlinked={() => setAsked(null)}
        />
      )}
    </Panel>
  );
}
