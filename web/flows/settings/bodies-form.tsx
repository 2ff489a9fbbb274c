import { Button, Group, NumberInput, Radio, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { flowsApi } from '../../../server/flows/contract.ts';
import { call, queryClient, queryOf } from '../../api.ts';
import { Failure } from '../../ui/failure.tsx';
import { PageLink } from '../../ui/links.tsx';
import { tell } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';

type Way = 'asHistory' | 'days' | 'none';
const wayOf = (bodyDays: number | null): Way => (bodyDays === null ? 'asHistory' : bodyDays === 0 ? 'none' : 'days');
/** As the contract allows. */
const mostDays = 3650;

interface Props {
  flowId: string;
  bodyDays: number | null;
  historyDays: number;
}

/** How long what came, was sent and was answered is kept: as the history, some days, not at all. */
export function BodiesForm({ flowId, bodyDays, historyDays }: Props) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const [way, setWay] = useState(wayOf(bodyDays));
  const [days, setDays] = useState<number | string>(bodyDays || 7);
  const [wrong, setWrong] = useState(false);
  const params = { id: flowId };
  const save = useMutation({
    mutationFn: (next: number | null) => call(flowsApi.patchFlowHistory, { params, body: { bodyDays: next } }),
    onSuccess: (kept) => {
      queryClient.setQueryData(queryOf(flowsApi.getFlowHistory, { params }).queryKey, kept);
      tell(t('bodies.saved'));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const number = Number(days);
    const isWrong = way === 'days' && !(days !== '' && Number.isInteger(number) && number >= 1 && number <= mostDays);
    setWrong(isWrong);
    if (!isWrong) save.mutate(way === 'asHistory' ? null : way === 'none' ? 0 : number);
  };
  const historyLasts = t('bodies.historyDays', { count: historyDays });
  return (
    <Panel title={t('bodies.title')}>
      <form noValidate onSubmit={submit}>
        <Stack gap="md" maw={720}>
          <Radio.Group
            label={t('bodies.label')}
            description={t('bodies.more')}
            value={way}
            onChange={(next) => setWay(next as Way)}
          >
            <Stack gap={10} mt={12}>
              <Radio value="asHistory" label={t('bodies.asHistory', { days: historyLasts })} />
              <Radio value="days" label={t('bodies.days')} description={t('bodies.daysHelp')} />
              {way === 'days' && (
                <Stack gap={4} ms={32}>
                  <NumberInput
                    label={t('bodies.number')}
                    w={180}
                    min={1}
                    max={mostDays}
                    allowDecimal={false}
                    allowNegative={false}
                    suffix={` ${t('bodies.suffix', { count: Number(days) || 0 })}`}
                    value={days}
                    error={wrong && t('bodies.wrong', { most: mostDays })}
                    onChange={setDays}
                  />
                  {Number(days) > historyDays && (
                    <Text size="sm" c="dimmed">
                      {t('bodies.longer', { days: historyLasts })}
                    </Text>
                  )}
                </Stack>
              )}
              <Radio value="none" label={t('bodies.none')} description={t('bodies.noneHelp')} />
            </Stack>
          </Radio.Group>
          {save.isError && <Failure error={save.error} />}
          <Group justify="space-between" gap="sm">
            <PageLink to="/settings" size="sm">
              {t('bodies.toSettings')}
            </PageLink>
            <Button type="submit" loading={save.isPending}>
              {ui('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
