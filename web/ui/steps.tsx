import { Code, List, Stack, Text } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';

/** Help as connectors write it: lines `1. …` are steps, empty lines part paragraphs, **bold** and `code` inside. */
export function Steps({ text }: { text: string }) {
  return (
    <Stack gap="sm">
      {blocksOf(text).map((block, at) =>
        block.kind === 'steps' ? (
          <List key={at} type="ordered" size="sm" spacing="xs" withPadding={false}>
            {block.lines.map((line) => (
              <List.Item key={line}>{inline(line)}</List.Item>
            ))}
          </List>
        ) : (
          <Text key={at} size="sm">
            {inline(block.lines.join(' '))}
          </Text>
        ),
      )}
    </Stack>
  );
}

interface Block {
  kind: 'steps' | 'words';
  lines: string[];
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of text.split('\n')) {
    const step = /^\s*\d+[.)]\s+(.*)$/.exec(line)?.[1];
    const kind = step === undefined ? 'words' : 'steps';
    if (line.trim() === '') open = undefined;
    else if (open?.kind === kind) open.lines.push(step ?? line.trim());
    else {
      open = { kind, lines: [step ?? line.trim()] };
      blocks.push(open);
    }
  }
  return blocks;
}

function inline(line: string): ReactNode {
  return line.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part, at) => {
    if (part.startsWith('**')) return <strong key={at}>{part.slice(2, -2)}</strong>;
    if (part.startsWith('`'))
      return (
        <Code key={at} style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}>
          {part.slice(1, -1)}
        </Code>
      );
    return <Fragment key={at}>{part}</Fragment>;
  });
}
