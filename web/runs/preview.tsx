import { Group, ScrollArea, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconFilterOff, IconPointFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { attentionApi, type ComparedValue, type Run } from '../../server/flows/contract.ts';
import { type Output, queryOf } from '../api.ts';
import { useShow } from '../flows/source/use-showing.ts';
import { Failure } from '../ui/failure.tsx';
import { Loading } from '../ui/loading.tsx';
import { useText } from '../ui/text.ts';
import type { RerunHow } from './rerun-choices.tsx';
import classes from './runs.module.css';

type Outlook = Output<typeof attentionApi.previewRerun>;
const verdicts = ['create', 'update', 'skip', 'stop', 'act', 'keep'] as const;

/** What a rerun would send now beside what was sent the last time; only looks. */
export function Preview({ run, how }: { run: Run; how: RerunHow & { createAgain: boolean; anyway: boolean } }) {
  const { t } = useTranslation('runs');
  const preview = useQuery({
    ...queryOf(attentionApi.previewRerun, { params: { id: run.id }, body: how }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  return (
    <Stack gap={8} component="section" aria-label={t('preview.title')} aria-busy={preview.isFetching}>
      <Title order={3}>{t('preview.title')}</Title>
      {preview.isPending && !preview.error && <Loading rows={3} height={28} />}
      {preview.error && (
        <>
          <Text size="sm" c="dimmed">
            {t('preview.failed')}
          </Text>
          <Failure error={preview.error} attention retry={() => void preview.refetch()} />
        </>
      )}
      {preview.data && <Outcome outlook={preview.data} />}
    </Stack>
  );
}

function Outcome({ outlook }: { outlook: Outlook }) {
  const { t } = useTranslation('runs');
  const text = useText();
  const { filter, decisions, values } = outlook;
  const steps = [...new Set([...decisions, ...values].map(({ step }) => step))];
  const then = values.some(({ before }) => before !== undefined);
  const differs = then && values.some(isChanged);
  const refused = values.some(({ problem }) => problem);
  const Icon = filter.passed ? IconCircleCheck : IconFilterOff;
  return (
    <>
      <Group gap={8} wrap="nowrap" align="flex-start" className={classes.sign} data-good={filter.passed || undefined}>
        <Icon size={18} aria-hidden />
        <Text>
          <b>{t(filter.passed ? 'preview.passed' : 'preview.filtered')}</b> {text(filter.why)}
        </Text>
      </Group>
      {decisions.map(({ step, what, why }) => {
        const verdict = verdicts.find((each) => each === what);
        return (
          <Text key={step}>
            <b>
              {steps.length > 1 && `${t('ofStep', { number: steps.indexOf(step) + 2 })}: `}
              {verdict && t(`preview.what.${verdict}`)}
            </b>{' '}
            {text(why)}
          </Text>
        );
      })}
      {values.length > 0 && (
        <>
          {!refused && (
            <Text c="dimmed" size="sm">
              {t(!then ? 'preview.never' : differs ? 'preview.differs' : 'preview.same')}
            </Text>
          )}
          <Compared values={values} steps={steps} then={then} />
        </>
      )}
    </>
  );
}

function Compared({ values, steps, then }: { values: ComparedValue[]; steps: string[]; then: boolean }) {
  const { t } = useTranslation('runs');
  const text = useText();
  const show = useShow();
  return (
    <ScrollArea.Autosize
      mah={280}
      type="auto"
      viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': t('preview.table') }}
    >
      <table className={classes.values}>
        <thead>
          <tr>
            <th scope="col">{t('field')}</th>
            {then && <th scope="col">{t('preview.lastTime')}</th>}
            <th scope="col">{t('preview.now')}</th>
          </tr>
        </thead>
        <tbody>
          {values.map((value) => {
            const changed = then && isChanged(value);
            return (
              <tr key={`${value.step} ${value.key}`} data-changed={changed || undefined}>
                <th scope="row">
                  {steps.length > 1 && `${t('ofStep', { number: steps.indexOf(value.step) + 2 })}: `}
                  {text(value.label)}
                </th>
                {then && <td className={classes.before}>{show(value.before) || '—'}</td>}
                <td>
                  {value.problem ? (
                    <span className={classes.problem}>{text(value.problem)}</span>
                  ) : (
                    <>
                      {changed && <IconPointFilled size={14} role="img" aria-label={t('preview.changed')} />}
                      {show(value.after) || '—'}
                    </>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollArea.Autosize>
  );
}

const isChanged = ({ before, after, problem }: ComparedValue): boolean =>
  !problem && JSON.stringify(before) !== JSON.stringify(after);
