import { Text, Title } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageButton } from '../ui/links.tsx';
import { Panel } from '../ui/panel.tsx';
import css from './home.module.css';

/** An empty installation: three steps to the first flow, the next one has the button. */
export function Begin({ connections }: { connections: number }) {
  const { t } = useTranslation('home');
  const next = Math.min(connections, 2) + 1;
  const add = <PageButton to="/connections/new">{t('add')}</PageButton>;
  const steps = [
    { title: t('step1'), more: t('step1More'), action: add },
    { title: t('step2'), more: t('step2More'), action: add },
    { title: t('step3'), more: t('step3More'), action: <PageButton to="/flows">{t('makeFlow')}</PageButton> },
  ];
  return (
    <div className={css.begin}>
      <Panel>
        <Title order={2} mb="md">
          {t('begin')}
        </Title>
        <ol className={css.steps}>
          {steps.map((step, at) => (
            <BeginStep key={step.title} number={at + 1} done={at + 1 < next} title={step.title} more={step.more}>
              {at + 1 === next && step.action}
            </BeginStep>
          ))}
        </ol>
      </Panel>
    </div>
  );
}

function BeginStep(props: { number: number; done: boolean; title: string; more: string; children: ReactNode }) {
  const { t } = useTranslation('home');
  return (
    <li className={css.step} data-done={props.done || undefined}>
      <span
        className={css.number}
        {...(props.done ? { role: 'img', 'aria-label': t('doneStep') } : { 'aria-hidden': true })}
      >
        {props.done ? <IconCheck size={18} aria-hidden /> : props.number}
      </span>
      <div>
        <Text fw={600}>{props.title}</Text>
        <Text c="dimmed" mb={props.children ? 'sm' : 0}>
          {props.more}
        </Text>
        {props.children}
      </div>
    </li>
  );
}
