import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Backfill, backfillApi } from '../../../server/flows/contract.ts';
import { call, queryOf } from '../../api.ts';
import { tellFailure } from '../../ui/notify.tsx';
import { useEditor } from '../editor/context.ts';

type Move = 'start' | 'pause' | 'resume' | 'cancel';

/** What a state allows, as the server has it. */
const movesOf: Record<Backfill['state'], Move[]> = {
  counting: ['cancel'],
  ready: ['start', 'cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  done: [],
  cancelled: [],
};
const primary = new Set<Move>(['start', 'resume']);

export function BackfillMoves({ backfill, onClose }: { backfill: Backfill; onClose(): void }) {
  const { flow } = useEditor();
  const { t } = useTranslation('flows');
  const client = useQueryClient();
  const { queryKey } = queryOf(backfillApi.getBackfill, { params: { id: flow.id } });
  const moving = useMutation({
    mutationFn: (move: Move) => call(backfillApi.moveBackfill, { params: { id: flow.id, move } }),
    onSuccess: (fresh) => client.setQueryData(queryKey, fresh),
    onError: (error) => {
      tellFailure(error);
      void client.invalidateQueries({ queryKey });
    },
  });
  const nothing = backfill.state === 'ready' && backfill.total === 0;
  const moves = movesOf[backfill.state].filter((move) => !(nothing && move === 'start'));
  return (
    <Group gap={8}>
      {moves.map((move) => (
        <Button
          key={move}
          variant={primary.has(move) ? 'light' : 'default'}
          loading={moving.isPending && moving.variables === move}
          disabled={moving.isPending}
          onClick={() => moving.mutate(move)}
        >
          {t(nothing ? 'backfill.close' : `backfill.${move}`)}
        </Button>
      ))}
      {moves.length === 0 && (
        <Button variant="default" onClick={onClose}>
          {t('backfill.close')}
        </Button>
      )}
    </Group>
  );
}
