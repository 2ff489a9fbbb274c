import { Button } from '@mantine/core';
import { IconDatabaseImport } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor } from '../editor/context.ts';
import { BringInDialog } from './bring-in-dialog.tsx';
import { isOpen, useBackfill } from './use-backfill.ts';

/** The way to bring in existing records: of a saved flow whose app can be asked for them, one at a time. */
export function BringIn() {
  const { flow, catalog } = useEditor();
  const { t } = useTranslation('flows');
  const backfill = useBackfill(flow.id);
  const [asking, setAsking] = useState(false);
  const trigger = flow.version && catalog.triggerOf(flow.version.definition.trigger);
  if (!trigger?.polled || backfill.data === undefined || (backfill.data && isOpen(backfill.data))) return null;
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        leftSection={<IconDatabaseImport size={16} />}
        onClick={() => setAsking(true)}
      >
        {t('backfill.open')}
      </Button>
      {asking && <BringInDialog flow={flow} last={backfill.data} onClose={() => setAsking(false)} />}
    </>
  );
}
