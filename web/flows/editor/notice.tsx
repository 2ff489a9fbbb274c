import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './notice.module.css';

interface Props {
  tone: 'good' | 'wait' | 'attention' | 'broken' | 'stopped';
  icon?: ReactNode;
  title?: string;
  /** Said at once by screen readers. */
  urgent?: boolean;
  children: ReactNode;
}

/** Something to know, in the colour of its state. */
export function Notice({ tone, icon, title, urgent, children }: Props) {
  return (
    <Alert
      role={urgent ? 'alert' : 'note'}
      icon={icon}
      title={title}
      className={classes.notice}
      classNames={{ title: classes.title, message: classes.message, icon: classes.title }}
      data-tone={tone}
    >
      {children}
    </Alert>
  );
}
