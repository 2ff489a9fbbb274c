import { Group, Text } from '@mantine/core';
import { IconDatabaseImport } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Backfill } from '../../../server/flows/contract.ts';
import { Failure } from '../../ui/failure.tsx';
import { PageLink } from '../../ui/links.tsx';
import { useLanguage } from '../../ui/text.ts';
import { useZone } from '../../ui/zone.ts';
import { useEditor } from '../editor/context.ts';
import classes from './backfill.module.css';
import { BackfillMoves } from './backfill-moves.tsx';
import { BackfillProgress } from './backfill-progress.tsx';
import { Counted } from './counted.tsx';
import { isOpen, useBackfill } from './use-backfill.ts';

/** How the existing records of this flow are getting on: shown while they do, and once more when they are done. */
export function BackfillCard() {
  const { flow } = useEditor();
  const { data: backfill } = useBackfill(flow.id);
  const [seen, setSeen] = useState<string | null>(null);
  const open = backfill ? isOpen(backfill) : false;
  if (backfill && open && seen !== backfill.id) setSeen(backfill.id);
  if (!backfill || (!open && backfill.id !== seen)) return null;
  return <Card key={backfill.id} backfill={backfill} onClose={() => setSeen(null)} />;
}

function Card({ backfill, onClose }: { backfill: Backfill; onClose(): void }) {
  const { flow } = useEditor();
  const { t } = useTranslation('flows');
  const language = useLanguage();
  const zone = useZone();
  const card = useRef<HTMLElement>(null);
  const fresh = backfill.state === 'counting';
  // It takes the place of the dialog that asked for it, and of the button behind.
  useEffect(() => {
    if (fresh) card.current?.focus();
  }, [fresh]);
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: zone }).format(
    new Date(backfill.since),
  );
  return (
    <section ref={card} tabIndex={-1} className={classes.card} aria-label={t('backfill.card')}>
      <Group gap="4px 8px">
        <IconDatabaseImport size={18} aria-hidden />
        <Text fw={600} component="h2" size="md">
          {t('backfill.card')}
        </Text>
        <Text c="dimmed">{t('backfill.from', { date })}</Text>
      </Group>
      <div className={classes.words}>
        <Words backfill={backfill} />
      </div>
      {backfill.failure && isOpen(backfill) && (
        <Failure text={backfill.failure.text} attention>
          <Text size="sm">{t('backfill.again')}</Text>
          <PageLink
            to="/connections/$connectionId"
            params={{ connectionId: flow.version?.definition.trigger.connection ?? '' }}
          >
            {t('editor.openConnection')}
          </PageLink>
        </Failure>
      )}
      {backfill.failure && backfill.state === 'cancelled' && <Failure text={backfill.failure.text} attention />}
      <BackfillMoves backfill={backfill} onClose={onClose} />
    </section>
  );
}

function Words({ backfill }: { backfill: Backfill }) {
  const { flow } = useEditor();
  const { t } = useTranslation('flows');
  switch (backfill.state) {
    case 'counting':
      return <Text role="status">{t('backfill.counting')}</Text>;
    case 'ready':
      return <Counted backfill={backfill} />;
    case 'running':
    case 'paused':
      return <BackfillProgress backfill={backfill} />;
    case 'done':
    case 'cancelled':
      return (
        <Text role="status">
          {t(backfill.state === 'done' ? 'backfill.finished' : 'backfill.cancelled', { count: backfill.taken })}{' '}
          <PageLink to="/runs" search={{ flow: flow.id } as never} underline="always">
            {t('backfill.history')}
          </PageLink>
        </Text>
      );
  }
}
