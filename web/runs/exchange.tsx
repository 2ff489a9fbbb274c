import { Button, CopyButton, Group, Select, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ExchangeView } from '../../server/flows/contract.ts';
import { Fold } from '../ui/form-fields.tsx';
import { asCurl, pretty } from './curl.ts';
import { JsonView } from './json-view.tsx';
import classes from './runs.module.css';

interface ChoiceProps {
  exchanges: ExchangeView[];
  chosen: number;
  onChange(index: number): void;
}

/** Which of a step's calls to look at, when there are several. */
export function ExchangeChoice({ exchanges, chosen, onChange }: ChoiceProps) {
  const { t } = useTranslation('runs');
  if (exchanges.length < 2) return null;
  return (
    <Select
      mb={12}
      aria-label={t('exchanges')}
      allowDeselect={false}
      data={exchanges.map((each, index) => ({
        value: String(index),
        label: `${t('exchange', { number: index + 1 })}: ${each.method} ${pathOf(each.url)} → ${each.status ?? t('noAnswer')}`,
      }))}
      value={String(chosen)}
      onChange={(index) => index && onChange(Number(index))}
    />
  );
}

const pathOf = (url: string) => (URL.canParse(url) ? new URL(url).pathname : url);

export function Request({ exchange }: { exchange: ExchangeView }) {
  const { t } = useTranslation('runs');
  return (
    <Stack gap={12}>
      <Group gap={8} justify="space-between" align="flex-start">
        <Text className={classes.url}>
          <b>{exchange.method}</b> {exchange.url}
        </Text>
        <CopyButton value={asCurl(exchange)}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              onClick={copy}
            >
              {t(copied ? 'copied' : 'copyCurl')}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Body body={exchange.requestBody} cut={exchange.requestBytesCut} label={t('tabs.request')} />
      <Headers headers={exchange.requestHeaders} />
    </Stack>
  );
}

export function Response({ exchange }: { exchange: ExchangeView }) {
  const { t } = useTranslation('runs');
  const good = exchange.status !== null && exchange.status < 400;
  return (
    <Stack gap={12}>
      <Text>
        <b className={classes.status} data-good={good || undefined}>
          {exchange.status ?? t('noAnswer')}
        </b>{' '}
        · {t('ms', { count: Math.round(exchange.milliseconds) })}
        {exchange.error && ` · ${exchange.error}`}
      </Text>
      <Body body={exchange.responseBody} cut={exchange.responseBytesCut} label={t('tabs.response')} />
      <Headers headers={exchange.responseHeaders} />
    </Stack>
  );
}

function Body({ body, cut, label }: { body: string | null; cut: number | undefined; label: string }) {
  const { t } = useTranslation('runs');
  if (!body) return <Text c="dimmed">{t('noBody')}</Text>;
  return (
    <div>
      <JsonView words={pretty(body)} label={label} />
      {cut !== undefined && cut > 0 && (
        <Text size="sm" c="dimmed" mt={4}>
          {t('cut', { count: cut })}
        </Text>
      )}
    </div>
  );
}

function Headers({ headers }: { headers: Record<string, string> }) {
  const { t } = useTranslation('runs');
  const lines = Object.entries(headers);
  if (lines.length === 0) return null;
  return (
    <Fold label={t('headers')}>
      <table className={classes.values}>
        <tbody>
          {lines.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Fold>
  );
}
