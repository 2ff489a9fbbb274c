import { Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type AfterUnlinking, type Pair, pairsApi } from '../../../server/flows/contract.ts';
import { call } from '../../api.ts';
import { ConfirmDelete } from '../../ui/confirm-delete.tsx';
import { tell } from '../../ui/notify.tsx';
import { LinkedRecord } from './linked-end.tsx';
import classes from './pairs.module.css';

/** Names that fit the dialog; the rest is counted. */
const mostNamed = 5;
/** Unlinked at one call. */
const atOnce = 200;

interface Props {
  flowId: string;
  pairs: Pair[];
  once: boolean;
  onClose(): void;
  onUnlinked(): void;
}

/** Asks before records are unlinked, and says in plain words what happens at their next change. */
export function UnlinkDialog({ flowId, pairs, once, onClose, onUnlinked }: Props) {
  const { t } = useTranslation('flows');
  const client = useQueryClient();
  const count = pairs.length;
  const kinds = [...new Set(pairs.map(({ afterUnlinking }) => afterUnlinking))] satisfies AfterUnlinking[];
  const unlink = async () => {
    let unlinked = 0;
    for (let from = 0; from < count; from += atOnce) {
      const body = { pairs: pairs.slice(from, from + atOnce).map(({ id }) => id) };
      unlinked += (await call(pairsApi.unlinkPairs, { params: { id: flowId }, body })).unlinked;
    }
    tell(t('pairs.unlinked', { count: unlinked }));
    onUnlinked();
    await client.invalidateQueries({ queryKey: [pairsApi.listPairs.path] });
  };
  return (
    <ConfirmDelete
      opened
      onClose={onClose}
      title={t('pairs.title', { count })}
      verb={t('pairs.unlink')}
      remove={unlink}
    >
      <Stack gap={12}>
        <ul className={classes.list}>
          {pairs.slice(0, mostNamed).map(({ id, source, target }) => (
            <li key={id}>
              <Stack gap={4}>
                <LinkedRecord end={source} />
                <LinkedRecord end={target} />
              </Stack>
            </li>
          ))}
        </ul>
        {count > mostNamed && <Text c="dimmed">{t('pairs.andMore', { count: count - mostNamed })}</Text>}
        <Text>{t('pairs.stays')}</Text>
        {once ? (
          <Text>{t('pairs.once')}</Text>
        ) : (
          kinds.map((kind) => <Text key={kind}>{t(`pairs.after.${kind}`)}</Text>)
        )}
      </Stack>
    </ConfirmDelete>
  );
}
