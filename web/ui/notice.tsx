import { Alert } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './notice.module.css';

export type Tone = 'good' | 'wait' | 'attention' | 'broken';
const icons: Record<Tone, TablerIcon> = {
  good: IconCircleCheck,
  wait: IconInfoCircle,
  attention: IconAlertTriangle,
  broken: IconCircleX,
};

/** A few words that stand out, in the colour of a state. */
export function Notice({
  tone,
  role = 'status',
  children,
}: {
  tone: Tone;
  role?: 'alert' | 'status';
  children: ReactNode;
}) {
  const Icon = icons[tone];
  return (
    <Alert
      role={role}
      className={css.notice}
      data-tone={tone}
      classNames={{ icon: css.icon ?? '' }}
      icon={<Icon aria-hidden />}
    >
      {children}
    </Alert>
  );
}
