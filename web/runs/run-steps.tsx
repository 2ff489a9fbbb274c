import { Paper, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconClock, IconHandStop, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Run, TraceStep } from '../../server/flows/contract.ts';
import { useText } from '../ui/text.ts';
import classes from './runs.module.css';
import { StepDetails } from './step-details.tsx';
import { WhatArrived } from './what-arrived.tsx';

const icons = { passed: IconArrowDown, stopped: IconHandStop, failed: IconX, waits: IconClock };

/** The cards of the flow with times and verdicts; the one that failed or decided is open. */
export function RunSteps({ run }: { run: Run }) {
  const { t } = useTranslation('runs');
  const text = useText();
  const [chosen, setChosen] = useState<number | null>(null);
  const open = chosen ?? decisive(run.trace);
  const step = run.trace[open];
  const ids = [...new Set(run.trace.flatMap((each) => (each.step ? [each.step] : [])))];
  const several = ids.length > 1;
  return (
    <div className={classes.steps}>
      <nav aria-label={t('steps')}>
        <ol className={classes.list}>
          {run.delivery && (
            <li>
              <UnstyledButton
                className={classes.step}
                aria-current={open === -1 || undefined}
                onClick={() => setChosen(-1)}
              >
                <span className={classes.stepTop}>
                  <b>{t('received')}</b>
                </span>
                <span className={classes.stepWhy}>{t(`sources.${run.delivery.source}`)}</span>
              </UnstyledButton>
            </li>
          )}
          {run.trace.map((each, index) => (
            // The trace only grows.
            <li key={index}>
              <UnstyledButton
                className={classes.step}
                aria-current={open === index || undefined}
                onClick={() => setChosen(index)}
              >
                <span className={classes.stepTop}>
                  <Verdict verdict={each.verdict} />
                  <b>{t(`kinds.${each.kind}`)}</b>
                  {several && each.step && (
                    <span className={classes.quiet}>{t('ofStep', { number: ids.indexOf(each.step) + 2 })}</span>
                  )}
                  <span className={classes.duration}>
                    <Duration milliseconds={each.milliseconds} />
                  </span>
                </span>
                <span className={classes.stepWhy}>{text(each.why)}</span>
              </UnstyledButton>
            </li>
          ))}
        </ol>
        {run.trace.length === 0 && (
          <Text c="dimmed" size="sm" p={12}>
            {t('noSteps')}
          </Text>
        )}
      </nav>
      <Paper withBorder p={16} bg="var(--surface)" className={classes.details}>
        {open === -1 && run.delivery && <WhatArrived delivery={run.delivery} />}
        {step && <StepDetails key={open} step={step} />}
      </Paper>
    </div>
  );
}

/** The step that failed, else the one that ended the run, else the last. */
function decisive(trace: TraceStep[]): number {
  for (const verdict of ['failed', 'waits', 'stopped'] as const) {
    const found = trace.findLastIndex((step) => step.verdict === verdict);
    if (found >= 0) return found;
  }
  return trace.length - 1;
}

function Verdict({ verdict }: { verdict: TraceStep['verdict'] }) {
  const { t } = useTranslation('runs');
  const Icon = icons[verdict];
  return (
    <span className={classes.verdict} data-verdict={verdict} title={t(`verdicts.${verdict}`)}>
      <Icon size={14} role="img" aria-label={t(`verdicts.${verdict}`)} />
    </span>
  );
}

function Duration({ milliseconds }: { milliseconds: number }) {
  const { t, i18n } = useTranslation('runs');
  if (milliseconds < 1000) return t('ms', { count: Math.round(milliseconds) });
  return t('seconds', {
    count: (milliseconds / 1000).toLocaleString(i18n.language, { maximumFractionDigits: 1 }) as unknown as number,
  });
}
