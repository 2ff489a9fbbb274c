import { ActionIcon, Checkbox, Table, Tooltip, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconUnlink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Pair } from '../../../server/flows/contract.ts';
import framed from '../../ui/framed-list.module.css';
import { PageLink } from '../../ui/links.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { LinkedRecord, nameOfEnd } from './linked-end.tsx';
import classes from './pairs.module.css';

interface Props {
  pairs: Pair[];
  chosen: ReadonlySet<string>;
  onChoose(ids: ReadonlySet<string>): void;
  onUnlink(pair: Pair): void;
}

/** Rows on a wide screen, cards on a narrow one. */
export function PairTable(props: Props) {
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  return narrow ? <PairCards {...props} /> : <PairRows {...props} />;
}

function PairRows({ pairs, chosen, onChoose, onUnlink }: Props) {
  const { t } = useTranslation('flows');
  const all = pairs.every(({ id }) => chosen.has(id));
  return (
    <div className={framed.frame}>
      <Table
        stickyHeader
        stickyHeaderOffset={56}
        verticalSpacing={8}
        horizontalSpacing={16}
        aria-label={t('pairs.table')}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={48}>
              <Checkbox
                size="sm"
                aria-label={t('pairs.selectAll')}
                checked={all}
                indeterminate={!all && chosen.size > 0}
                onChange={() => onChoose(new Set(all ? [] : pairs.map(({ id }) => id)))}
              />
            </Table.Th>
            <Table.Th>{t('pairs.source')}</Table.Th>
            <Table.Th>{t('pairs.target')}</Table.Th>
            <Table.Th w={140} className="numbers">
              {t('pairs.linked')}
            </Table.Th>
            <Table.Th w={140} className="numbers">
              {t('pairs.synced')}
            </Table.Th>
            <Table.Th w={56} aria-label={t('pairs.unlink')} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {pairs.map((pair) => (
            <Table.Tr key={pair.id}>
              <Table.Td>
                <Choice {...{ pair, chosen, onChoose }} />
              </Table.Td>
              <Table.Td>
                <LinkedRecord end={pair.source} />
              </Table.Td>
              <Table.Td>
                <LinkedRecord end={pair.target} />
              </Table.Td>
              <Table.Td className="numbers">
                <Linked pair={pair} />
              </Table.Td>
              <Table.Td className="numbers">
                <RelativeTime at={pair.syncedAt} />
              </Table.Td>
              <Table.Td>
                <Unlink {...{ pair, onUnlink }} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function PairCards({ pairs, chosen, onChoose, onUnlink }: Props) {
  const { t } = useTranslation('flows');
  return (
    <ul className={framed.cards} aria-label={t('pairs.table')}>
      {pairs.map((pair) => (
        <li key={pair.id} className={`${framed.card} ${classes.card}`}>
          <Choice {...{ pair, chosen, onChoose }} />
          <LinkedRecord end={pair.source} />
          <Unlink {...{ pair, onUnlink }} />
          <span />
          <LinkedRecord end={pair.target} />
          <span />
          <span className={classes.cardWhen}>
            {t('pairs.linked')}: <Linked pair={pair} /> · {t('pairs.synced')}: <RelativeTime at={pair.syncedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Choice({ pair, chosen, onChoose }: { pair: Pair } & Pick<Props, 'chosen' | 'onChoose'>) {
  const { t } = useTranslation('flows');
  const change = (checked: boolean) => {
    const next = new Set(chosen);
    if (checked) next.add(pair.id);
    else next.delete(pair.id);
    onChoose(next);
  };
  return (
    <Checkbox
      size="sm"
      aria-label={t('pairs.select', { name: nameOfEnd(pair.source) })}
      checked={chosen.has(pair.id)}
      onChange={(event) => change(event.currentTarget.checked)}
    />
  );
}

/** When they were linked leads to the run that did it. */
function Linked({ pair }: { pair: Pair }) {
  const { t } = useTranslation('flows');
  if (pair.run === null) return <RelativeTime at={pair.linkedAt} />;
  return (
    <PageLink to="/runs/$runId" params={{ runId: pair.run }}>
      <RelativeTime at={pair.linkedAt} />
      <VisuallyHidden> · {t('pairs.linkedBy', { id: pair.run })}</VisuallyHidden>
    </PageLink>
  );
}

function Unlink({ pair, onUnlink }: { pair: Pair } & Pick<Props, 'onUnlink'>) {
  const { t } = useTranslation('flows');
  return (
    <Tooltip label={t('pairs.unlink')}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        aria-label={t('pairs.unlinkOne', { name: nameOfEnd(pair.source) })}
        onClick={() => onUnlink(pair)}
      >
        <IconUnlink size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
