import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Flow, flowsApi } from '../../../server/flows/contract.ts';
import { call, queryOf } from '../../api.ts';
import { tell, tellFailure } from '../../ui/notify.tsx';
import { StartDialog } from '../start/start-dialog.tsx';
import { useEditor } from './context.ts';
import type { DraftKeeper } from './use-draft.ts';

/** Saves what is not saved, leads to the first mistake if there is one, else asks what must be asked and starts. */
export function StartButton({ keeper, words }: { keeper: DraftKeeper; words: string }) {
  const { flow, goTo, setOpen } = useEditor();
  const { t } = useTranslation('flows');
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState<Flow | null>(null);

  const begin = async () => {
    setBusy(true);
    try {
      if (!(await keeper.flush())) return;
      const fresh = await client.fetchQuery({
        ...queryOf(flowsApi.getFlow, { params: { id: flow.id } }),
        staleTime: 0,
      });
      const [first] = fresh.problems;
      if (first) goTo(first.card, first.field);
      else setAsking(fresh);
    } catch (error) {
      tellFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button leftSection={<IconPlayerPlay size={16} />} loading={busy} onClick={() => void begin()}>
        {words}
      </Button>
      {asking && (
        <StartDialog
          flow={asking}
          start={(missed) => call(flowsApi.startFlow, { params: { id: flow.id }, body: missed ? { missed } : {} })}
          onClose={() => setAsking(null)}
          onStarted={(fresh) => {
            keeper.adopt(fresh);
            setOpen(null);
            tell(t(fresh.state === 'waits' ? 'start.waits' : 'start.works'));
            void client.invalidateQueries({ queryKey: [flowsApi.listFlows.path] });
          }}
        />
      )}
    </>
  );
}
