import { Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Run } from '../../server/flows/contract.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { JsonView } from './json-view.tsx';
import classes from './runs.module.css';

/** The delivery as received, secrets cut. */
export function WhatArrived({ delivery }: { delivery: NonNullable<Run['delivery']> }) {
  const { t } = useTranslation('runs');
  return (
    <Stack gap={12}>
      <Title order={2} className={classes.stepTitle}>
        {t('received')}{' '}
        <span className={classes.quiet}>
          {t(`sources.${delivery.source}`)} · <RelativeTime at={delivery.at} />
        </span>
      </Title>
      <JsonView words={JSON.stringify(delivery.body, null, 2)} label={t('received')} />
    </Stack>
  );
}
