import { Button, Text } from '@mantine/core';
import { IconFlask, IconPlayerStop } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { flowsApi } from '../../../server/flows/contract.ts';
import { call } from '../../api.ts';
import { tell, tellFailure } from '../../ui/notify.tsx';
import { useEditor } from './context.ts';
import { usesTrigger } from './draft.ts';
import classes from './editor.module.css';
import { StartButton } from './start-button.tsx';
import type { DraftKeeper } from './use-draft.ts';

/** Check, save, start or stop; and whether the draft is safe. */
export function BottomBar({ keeper }: { keeper: DraftKeeper }) {
  const { flow, draft, goTo, test } = useEditor();
  const { t } = useTranslation('flows');
  const running = flow.state === 'works' || flow.state === 'waits';
  const changed = flow.unsaved || keeper.saving !== 'saved';
  const params = { id: flow.id };

  const save = useMutation({
    mutationFn: async () => {
      if (!(await keeper.flush())) throw keeper.failure ?? new Error(t('saving.failed'));
      return call(flowsApi.saveFlow, { params });
    },
    onSuccess: (fresh) => {
      keeper.adopt(fresh);
      tell(t('saving.version', { number: fresh.version?.number ?? 1 }));
    },
    onError: (error) => {
      const first = flow.problems[0];
      if (first) goTo(first.card, first.field);
      tellFailure(error);
    },
  });
  const stop = useMutation({
    mutationFn: () => call(flowsApi.stopFlow, { params }),
    onSuccess: keeper.adopt,
    onError: tellFailure,
  });
  const discard = useMutation({
    mutationFn: () => call(flowsApi.discardDraft, { params }),
    onSuccess: keeper.adopt,
    onError: tellFailure,
  });

  return (
    <div className={classes.bar}>
      <Button variant="default" leftSection={<IconFlask size={16} />} disabled={!usesTrigger(draft)} onClick={test}>
        {t('test.open')}
      </Button>
      <Text size="sm" c="dimmed" aria-live="polite" className={classes.barSpace}>
        {t(`saving.${keeper.saving}`)}
      </Text>
      {flow.version && changed && (
        <Button variant="subtle" color="gray" loading={discard.isPending} onClick={() => discard.mutate()}>
          {t('editor.discard')}
        </Button>
      )}
      {running && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} />}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          {t('editor.stop')}
        </Button>
      )}
      <Button
        variant={running ? 'filled' : 'default'}
        disabled={flow.version !== null && !changed}
        loading={save.isPending}
        onClick={() => save.mutate()}
      >
        {t('editor.save')}
      </Button>
      {!running && <StartButton keeper={keeper} words={t('editor.start')} />}
    </div>
  );
}
