import { Button, Group, List, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api.ts';
import { Notice } from './notice.tsx';
import { useText, type Text as Words } from './text.ts';

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): Words {
  if (error instanceof ApiProblem) return error.text;
  return error instanceof Error ? error.message : String(error);
}

interface Props {
  /** What was thrown, or words that the server sent with something (a connection's last failure). */
  error?: unknown;
  text?: Words;
  retry?: () => void;
  /** The next click, when it is another than trying again. */
  children?: ReactNode;
  attention?: boolean;
}

/** What happened, in words, with the next click. */
export function Failure({ error, text, retry: again, children, attention }: Props) {
  const { t } = useTranslation('ui');
  const say = useText();
  // What is not there will not be there the next time either.
  const retry = error instanceof ApiProblem && error.status === 404 ? undefined : again;
  const items = error instanceof ApiProblem ? error.items : [];
  return (
    <Notice tone={attention ? 'attention' : 'broken'} role="alert">
      <Text component="div">{say(text ?? wordsOf(error))}</Text>
      {items.length > 0 && (
        <List size="sm" mt="xs">
          {items.map((item) => (
            <List.Item key={item.id}>{item.name}</List.Item>
          ))}
        </List>
      )}
      {(retry || children) && (
        <Group gap="sm" mt="sm">
          {children}
          {retry && (
            <Button size="xs" variant="default" onClick={retry}>
              {t('retry')}
            </Button>
          )}
        </Group>
      )}
    </Notice>
  );
}
