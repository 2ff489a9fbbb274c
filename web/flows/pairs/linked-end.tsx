import { Anchor, Text } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { LinkedEnd } from '../../../server/flows/contract.ts';
import { AppMark } from '../../ui/app-mark.tsx';
import { useText } from '../../ui/text.ts';
import classes from './pairs.module.css';

/** One record of a pair: as people call it, where it opens, what it is. */
export function LinkedRecord({ end }: { end: LinkedEnd }) {
  const { t } = useTranslation('flows');
  const text = useText();
  const type = text(end.type);
  const name = end.label ?? `${type} ${end.id}`;
  return (
    <span className={classes.end}>
      <AppMark app={end.app} size={24} />
      <span className={classes.endWords}>
        {end.url ? (
          <Anchor
            href={end.url}
            target="_blank"
            rel="noreferrer"
            className={classes.name}
            aria-label={t('pairs.open', { name })}
          >
            {name} <IconExternalLink size={14} aria-hidden />
          </Anchor>
        ) : (
          <span className={classes.name}>{name}</span>
        )}
        {end.label !== null && (
          <Text span size="xs" c="dimmed">
            {type} {end.id}
          </Text>
        )}
      </span>
    </span>
  );
}

/** What a screen reader says of a pair. */
export const nameOfEnd = (end: LinkedEnd): string => end.label ?? end.id;
