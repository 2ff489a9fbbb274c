import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Backfill, backfillApi, type Flow } from '../../../server/flows/contract.ts';
import { call, queryOf } from '../../api.ts';
import { spanOf } from '../../runs/search.ts';
import { Failure } from '../../ui/failure.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { useZone } from '../../ui/zone.ts';

const periods = ['7', '30', '90', 'custom'] as const;
type Period = (typeof periods)[number];

interface Props {
  flow: Flow;
  last: Backfill | null;
  onClose(): void;
}

/** Which period; then the records are counted, and only counted. */
export function BringInDialog({ flow, last, onClose }: Props) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const client = useQueryClient();
  const zone = useZone();
  const [period, setPeriod] = useState<Period>('30');
  const [date, setDate] = useState('');
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const counting = useMutation({
    mutationFn: (since: string) => call(backfillApi.postBackfill, { params: { id: flow.id }, body: { since } }),
    onSuccess: (backfill) => {
      client.setQueryData(queryOf(backfillApi.getBackfill, { params: { id: flow.id } }).queryKey, backfill);
      onClose();
    },
  });
  const begin = () => {
    const since = sinceOf(period, date, zone);
    setMissing(since === null);
    if (since === null) field.current?.focus();
    else counting.mutate(since);
  };
  return (
    <Modal opened onClose={onClose} title={t('backfill.title')} closeButtonProps={{ 'aria-label': ui('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <Stack gap={16}>
          <Text>
            {t('backfill.more')} {t('backfill.brake')}
          </Text>
          {flow.unsaved && flow.version && (
            <Text c="var(--state-attention)">{t('backfill.unsaved', { number: flow.version.number })}</Text>
          )}
          {last && <Last backfill={last} />}
          <Radio.Group
            label={t('backfill.period')}
            value={period}
            onChange={(value) => {
              setPeriod(value as Period);
              setMissing(false);
            }}
          >
            <Stack gap={8} mt={6}>
              {periods.map((each) => (
                <Radio
                  key={each}
                  value={each}
                  label={each === 'custom' ? t('backfill.custom') : t('backfill.days', { count: Number(each) })}
                />
              ))}
            </Stack>
          </Radio.Group>
          {period === 'custom' && (
            <TextInput
              ref={field}
              type="date"
              label={t('backfill.since')}
              value={date}
              error={missing && t('backfill.dateMissing')}
              onChange={(event) => {
                setDate(event.currentTarget.value);
                setMissing(false);
              }}
            />
          )}
          {counting.error && <Failure error={counting.error} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {ui('cancel')}
            </Button>
            <Button type="submit" data-autofocus loading={counting.isPending}>
              {t('backfill.count')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Null: no date, or one that has not come yet. */
function sinceOf(period: Period, date: string, zone: string): string | null {
  if (period !== 'custom') return new Date(Date.now() - Number(period) * 86_400_000).toISOString();
  const since = date === '' ? undefined : spanOf({ states: [], when: 'custom', from: date }, zone).from;
  return since !== undefined && Date.parse(since) <= Date.now() ? since : null;
}

function Last({ backfill }: { backfill: Backfill }) {
  const { t } = useTranslation('flows');
  const words = backfill.state === 'cancelled' ? 'backfill.cancelled' : 'backfill.finished';
  return (
    <Text size="sm" c="dimmed">
      {t('backfill.last')} <RelativeTime at={backfill.until} />. {t(words, { count: backfill.taken })}
    </Text>
  );
}
