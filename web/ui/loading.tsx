import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Grey rows in the place of what is coming. */
export function Loading({ rows = 5, height = 36 }: { rows?: number; height?: number }) {
  const { t } = useTranslation('ui');
  return (
    <Stack gap="sm" aria-busy role="status">
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} />
      ))}
    </Stack>
  );
}
