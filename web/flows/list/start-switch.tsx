import { List, Popover, Switch, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Flow, type FlowSummary, flowsApi } from '../../../server/flows/contract.ts';
import { call, queryOf } from '../../api.ts';
import { PageLink } from '../../ui/links.tsx';
import { tellFailure } from '../../ui/notify.tsx';
import { useText } from '../../ui/text.ts';
import { asksAboutMissed, StartDialog } from '../start/start-dialog.tsx';

/** Starts or stops a flow; when it cannot start, it says why right there. */
export function StartSwitch({ flow }: { flow: FlowSummary }) {
  const { t } = useTranslation('flows');
  const text = useText();
  const client = useQueryClient();
  const params = { id: flow.id };
  const [refused, setRefused] = useState<Flow | null>(null);
  const [asking, setAsking] = useState<Flow | null>(null);
  const on = flow.state === 'works' || flow.state === 'waits';
  const done = () => void client.invalidateQueries({ queryKey: [flowsApi.listFlows.path] });
  const keep = (fresh: Flow) => {
    client.setQueryData(queryOf(flowsApi.getFlow, { params }).queryKey, fresh);
    done();
  };

  const turn = useMutation({
    mutationFn: async () => {
      if (on) return keep(await call(flowsApi.stopFlow, { params }));
      const fresh = await call(flowsApi.getFlow, { params });
      if (fresh.problems.length > 0) return setRefused(fresh);
      // The first start shows what will happen; later ones ask only about what was missed.
      if (fresh.version === null || asksAboutMissed(fresh)) return setAsking(fresh);
      keep(await call(flowsApi.startFlow, { params, body: {} }));
    },
    onError: tellFailure,
    onSettled: done,
  });
  return (
    <>
      <Popover
        opened={refused !== null}
        onChange={(opened) => !opened && setRefused(null)}
        position="bottom-end"
        width={340}
        shadow="md"
        trapFocus
        withArrow
      >
        <Popover.Target>
          <Switch
            aria-label={t(on ? 'list.turnOff' : 'list.turnOn', { name: flow.name })}
            checked={turn.isPending ? !on : on}
            disabled={turn.isPending}
            onChange={() => turn.mutate()}
          />
        </Popover.Target>
        <Popover.Dropdown>
          <Text fw={600} mb={4}>
            {t('list.cannotStart', { name: flow.name })}
          </Text>
          <List size="sm" mb={8}>
            {refused?.problems.slice(0, 4).map((problem) => (
              <List.Item key={`${problem.card} ${problem.field} ${problem.code}`}>{text(problem.text)}</List.Item>
            ))}
          </List>
          <PageLink to="/flows/$flowId" params={{ flowId: flow.id }}>
            {t('list.fix')}
          </PageLink>
        </Popover.Dropdown>
      </Popover>
      {asking && (
        <StartDialog
          flow={asking}
          start={(missed) => call(flowsApi.startFlow, { params, body: missed ? { missed } : {} })}
          onClose={() => setAsking(null)}
          onStarted={keep}
        />
      )}
    </>
  );
}
