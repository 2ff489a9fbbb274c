import { Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import type { JsonValue } from '../../../server/http/contract.ts';
import classes from './mapping.module.css';

interface Props {
  value: JsonValue;
  onChange(value: JsonValue): void;
  label: string;
}

/** JSON in which every text may hold fields; kept as typed until it can be read. */
export function TreeEditor({ value, onChange, label }: Props) {
  const { t } = useTranslation('flows');
  const [words, setWords] = useState(() => JSON.stringify(value, null, 2));
  const read = parse(words);
  useEffect(() => {
    // Put back from outside, not by this typing.
    if (JSON.stringify(parse(words)) !== JSON.stringify(value) && parse(words) !== undefined)
      setWords(JSON.stringify(value, null, 2));
    // Only when the value changes from outside.
  }, [value]);
  return (
    <Textarea
      aria-label={label}
      autosize
      minRows={3}
      maxRows={20}
      spellCheck={false}
      classNames={{ input: classes.mono }}
      value={words}
      description={t('tree.help', { place: '{{ trigger.… }}' })}
      error={read === undefined ? t('tree.broken') : undefined}
      onChange={(event) => {
        setWords(event.currentTarget.value);
        const next = parse(event.currentTarget.value);
        if (next !== undefined) onChange(next);
      }}
    />
  );
}

function parse(words: string): JsonValue | undefined {
  try {
    return z.json().parse(JSON.parse(words)) as JsonValue;
  } catch {
    return undefined;
  }
}
