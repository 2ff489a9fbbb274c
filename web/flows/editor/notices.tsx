import { Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCopy, IconPlayerPause } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure } from '../../ui/failure.tsx';
import { PageLink } from '../../ui/links.tsx';
import { tellFailure } from '../../ui/notify.tsx';
import { useText } from '../../ui/text.ts';
import { useEditor } from './context.ts';
import { HookSteps } from './hook-steps.tsx';
import { Notice } from './notice.tsx';
import { StartButton } from './start-button.tsx';
import type { DraftKeeper } from './use-draft.ts';

/** What the person must know before anything else: another tab, a pause, a source that fails, an address to paste. */
export function Notices({ keeper }: { keeper: DraftKeeper }) {
  const { flow } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const hook = flow.state === 'waits' && !flow.trigger?.lastEventAt ? flow.trigger?.hook : null;
  return (
    <Stack gap={8} mb={8}>
      {keeper.saving === 'conflict' && <Conflict keeper={keeper} />}
      {keeper.saving === 'failed' && keeper.failure && (
        <Failure error={keeper.failure} retry={() => void keeper.flush()} />
      )}
      {flow.state === 'paused' && flow.paused && (
        <Notice tone="attention" icon={<IconPlayerPause />} title={t('paused.title')}>
          <Text>{text(flow.paused.text)}</Text>
          <Group mt={8} gap={12}>
            <StartButton keeper={keeper} words={t('paused.resume')} />
            <PageLink to="/runs" search={{ flow: flow.id } as never}>
              {t('paused.history')}
            </PageLink>
          </Group>
        </Notice>
      )}
      {flow.trigger?.failure && (
        <Failure text={flow.trigger.failure.text} attention>
          <PageLink to="/connections/$connectionId" params={{ connectionId: flow.draft.trigger?.connection ?? '' }}>
            {t('editor.openConnection')}
          </PageLink>
        </Failure>
      )}
      {hook && <HookSteps hook={hook} connection={flow.draft.trigger?.connection} />}
    </Stack>
  );
}

function Conflict({ keeper }: { keeper: DraftKeeper }) {
  const { t } = useTranslation('flows');
  const [busy, setBusy] = useState(false);
  const run = (choice: () => Promise<void>) => () => {
    setBusy(true);
    choice()
      .catch(tellFailure)
      .finally(() => setBusy(false));
  };
  return (
    <Notice urgent tone="attention" icon={<IconCopy />} title={t('conflict.title')}>
      <Text>{t('conflict.more')}</Text>
      <Group mt={8} gap={8}>
        <Button size="xs" variant="default" loading={busy} onClick={run(keeper.takeTheirs)}>
          {t('conflict.theirs')}
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={busy}
          onClick={run(keeper.keepMine)}
          leftSection={<IconAlertTriangle size={14} />}
        >
          {t('conflict.mine')}
        </Button>
      </Group>
    </Notice>
  );
}
