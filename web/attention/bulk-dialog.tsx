import { Button, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure } from '../ui/failure.tsx';
import { PageLink } from '../ui/links.tsx';
import { type Bulk, type Taken, useBulk } from './use-bulk.ts';

interface Props {
  title: string;
  /** The verb on the button. */
  verb: string;
  what: 'rerun' | 'dismiss';
  /** Null: not known, only what was taken so far is told. */
  total: number | null;
  /** Called before the first page; false: something is missing in the form. */
  check?: () => boolean;
  takePage(after: string | undefined): Promise<Taken>;
  onClose(): void;
  /** What is asked before it begins. */
  children: ReactNode;
}

/** Asks, then works through many runs page by page: how far it is shows, and it can be stopped between two pages. */
export function BulkDialog({ title, verb, what, total, check, takePage, onClose, children }: Props) {
  const { t } = useTranslation('attention');
  const { t: ui } = useTranslation('ui');
  const bulk = useBulk(takePage);
  const busy = bulk.state === 'working' || bulk.state === 'stopping';
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeOnEscape={!busy}
      closeOnClickOutside={bulk.state === 'asking'}
      withCloseButton={bulk.state === 'asking'}
      closeButtonProps={{ 'aria-label': ui('close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!check || check()) bulk.begin();
        }}
      >
        <Stack gap={16}>
          {bulk.state === 'asking' ? children : <HowFar what={what} total={total} bulk={bulk} onLeave={onClose} />}
          {bulk.error !== null && <Failure error={bulk.error} />}
          <Group justify="flex-end" gap={8}>
            {bulk.state === 'asking' && (
              <>
                <Button variant="default" onClick={onClose}>
                  {ui('cancel')}
                </Button>
                <Button type="submit" {...(check ? {} : { 'data-autofocus': true })}>
                  {verb}
                </Button>
              </>
            )}
            {busy && (
              <Button variant="default" autoFocus loading={bulk.state === 'stopping'} onClick={bulk.stop}>
                {t('stop')}
              </Button>
            )}
            {bulk.state === 'stopped' && (
              <Button variant="default" onClick={bulk.begin}>
                {t('goOn')}
              </Button>
            )}
            {(bulk.state === 'stopped' || bulk.state === 'done') && (
              <Button autoFocus onClick={onClose}>
                {ui('close')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function HowFar({
  what,
  total,
  bulk: { state, taken },
  onLeave,
}: {
  what: Props['what'];
  total: number | null;
  bulk: Bulk;
  onLeave(): void;
}) {
  const { t } = useTranslation('attention');
  if (state === 'done' || state === 'stopped')
    return (
      <Text role="status">
        {t(`${what}${state === 'done' ? 'Done' : 'Stopped'}`, { count: taken })}{' '}
        {state === 'done' && total !== null && taken < total && `${t('passedOver')} `}
        {what === 'rerun' && (
          <PageLink to="/runs" underline="always" onClick={onLeave}>
            {t('toHistory')}
          </PageLink>
        )}
      </Text>
    );
  const words = total === null ? t('taken', { count: taken }) : t('takenOf', { taken, total });
  return (
    <Stack gap={8}>
      <Text role="status">{state === 'stopping' ? t('stopping') : words}</Text>
      <Progress
        value={total === null ? 100 : Math.min(100, (taken / total) * 100)}
        animated={total === null}
        transitionDuration={100}
        aria-label={words}
      />
      <Text size="sm" c="dimmed">
        {t('keepOpen')}
      </Text>
    </Stack>
  );
}
