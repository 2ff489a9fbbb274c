import { Anchor, Stack, Tabs, Text, Title } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TraceStep } from '../../server/flows/contract.ts';
import { useShow } from '../flows/source/use-showing.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { useText } from '../ui/text.ts';
import { ExchangeChoice, Request, Response } from './exchange.tsx';
import classes from './runs.module.css';

/** One step: its data by name, its calls, and the decision in words. */
export function StepDetails({ step }: { step: TraceStep }) {
  const { t } = useTranslation('runs');
  const text = useText();
  const exchanges = step.exchanges ?? [];
  const [call, setCall] = useState(Math.max(0, exchanges.length - 1));
  const exchange = exchanges[Math.min(call, exchanges.length - 1)];
  // Of a search for duplicates people ask by what it was found, not how it was asked.
  const decides = step.verdict !== 'passed' || step.kind === 'duplicate';
  const first = decides ? 'why' : step.values?.length ? 'data' : exchanges.length > 0 ? 'response' : 'why';
  return (
    <Stack gap={12}>
      <Title order={2} className={classes.stepTitle}>
        {t(`kinds.${step.kind}`)}{' '}
        <span className={classes.quiet}>
          {t(`verdicts.${step.verdict}`)} · <RelativeTime at={step.at} />
        </span>
      </Title>
      <Tabs defaultValue={first} keepMounted={false}>
        <Tabs.List mb={12}>
          <Tabs.Tab value="data">{t('tabs.data')}</Tabs.Tab>
          <Tabs.Tab value="request" disabled={exchanges.length === 0}>
            {t('tabs.request')}
          </Tabs.Tab>
          <Tabs.Tab value="response" disabled={exchanges.length === 0}>
            {t('tabs.response')}
          </Tabs.Tab>
          <Tabs.Tab value="why">{t('tabs.why')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="data">
          <Values step={step} />
        </Tabs.Panel>
        <Tabs.Panel value="request">
          <ExchangeChoice exchanges={exchanges} chosen={call} onChange={setCall} />
          {exchange && <Request exchange={exchange} />}
        </Tabs.Panel>
        <Tabs.Panel value="response">
          <ExchangeChoice exchanges={exchanges} chosen={call} onChange={setCall} />
          {exchange && <Response exchange={exchange} />}
        </Tabs.Panel>
        <Tabs.Panel value="why">
          <Text className={classes.words}>{text(step.why)}</Text>
          <Found step={step} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Values({ step }: { step: TraceStep }) {
  const { t } = useTranslation('runs');
  const text = useText();
  const show = useShow();
  const values = step.values ?? [];
  const compared = values.some((value) => value.before !== undefined);
  if (values.length === 0) return <Text c="dimmed">{t('noData')}</Text>;
  return (
    <table className={classes.values}>
      <thead>
        <tr>
          <th scope="col">{t('field')}</th>
          {compared && <th scope="col">{t('before')}</th>}
          <th scope="col">{t(compared ? 'after' : 'value')}</th>
        </tr>
      </thead>
      <tbody>
        {values.map((value) => (
          <tr
            key={value.key}
            data-changed={(compared && JSON.stringify(value.before) !== JSON.stringify(value.after)) || undefined}
          >
            <th scope="row">{text(value.label)}</th>
            {compared && <td className={classes.before}>{show(value.before) || '—'}</td>}
            <td>{show(value.after) || '—'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A record over there, or a run of ours. */
export function FoundRecord({ record }: { record: NonNullable<TraceStep['found']>[number] }) {
  const words = record.label || record.id;
  if (!record.url) return <Text>{words}</Text>;
  return (
    <Anchor href={record.url} target="_blank" rel="noreferrer" className={classes.outside}>
      {words} <IconExternalLink size={14} aria-hidden />
    </Anchor>
  );
}

function Found({ step }: { step: TraceStep }) {
  const { t } = useTranslation('runs');
  if (!step.found?.length) return null;
  return (
    <Stack gap={4} mt={12}>
      <Text size="sm" c="dimmed">
        {t('found')}
      </Text>
      {step.found.map((record) => (
        <FoundRecord key={record.id} record={record} />
      ))}
    </Stack>
  );
}
