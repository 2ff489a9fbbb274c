import { Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A titled block on a page. */
export function Panel({ title, children, aside }: { title?: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <Paper component="section" withBorder p="md" {...(title ? { 'aria-label': title } : {})}>
      {title && (
        <div
          style={{
            display: 'flex',
            flexWrap: 'wrap',
            alignItems: 'center',
            justifyContent: 'space-between',
            gap: 8,
            marginBottom: 12,
          }}
        >
          <Title order={2} fz="lg">
            {title}
          </Title>
          {aside}
        </div>
      )}
      {children}
    </Paper>
  );
}
