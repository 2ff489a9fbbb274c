import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** Nothing is here yet: says what would be, and the next click as children. */
export function Empty({ title, children, more }: { title: string; more?: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="sm" py={48} px="md" ta="center">
      <Title order={2}>{title}</Title>
      {more && (
        <Text c="dimmed" maw={480}>
          {more}
        </Text>
      )}
      {children}
    </Stack>
  );
}
