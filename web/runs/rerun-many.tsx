import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconDots, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { attentionApi, finalStates, flowsApi, type RunState } from '../../server/flows/contract.ts';
import { call, queryOf } from '../api.ts';
import { BulkDialog } from '../attention/bulk-dialog.tsx';
import { useZone } from '../ui/zone.ts';
import { RerunChoices, type RerunHow } from './rerun-choices.tsx';
import { type RunSearch, spanOf } from './search.ts';

type FinalState = (typeof finalStates)[number];
const isFinal = (state: RunState): state is FinalState => (finalStates as readonly RunState[]).includes(state);

/** What can be done with everything the history shows by its filter. */
export function RerunMany({ search, none }: { search: RunSearch; none: boolean }) {
  const { t } = useTranslation('attention');
  const [asking, setAsking] = useState(false);
  const ended = search.states.length > 0 && search.states.every(isFinal);
  const why = search.q ? t('bulk.withWords') : ended ? null : t('bulk.needStates');
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={300} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t('bulk.menu')}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconRefresh size={16} />}
            disabled={why !== null || none}
            onClick={() => setAsking(true)}
          >
            {t('bulk.item')}
          </Menu.Item>
          {why && <Menu.Label fw={400}>{why}</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      {asking && <RerunShown search={search} onClose={() => setAsking(false)} />}
    </>
  );
}

function RerunShown({ search, onClose }: { search: RunSearch; onClose(): void }) {
  const { t } = useTranslation('attention');
  const zone = useZone();
  const [how, setHow] = useState<RerunHow>({ from: 'start', version: 'current' });
  // Of the moment it was asked: what comes later is not meant.
  const [filter] = useState(() => ({
    ...(search.flow ? { flow: search.flow } : {}),
    states: search.states.filter(isFinal),
    to: new Date().toISOString(),
    ...spanOf(search, zone),
  }));
  return (
    <BulkDialog
      title={t('bulk.title')}
      verb={t('go')}
      what="rerun"
      total={null}
      takePage={(after) => call(attentionApi.rerunMany, { body: { filter, ...how, ...(after ? { after } : {}) } })}
      onClose={onClose}
    >
      <Shown search={search} />
      <RerunChoices how={how} onChange={setHow} failed />
      <Text size="sm" c="dimmed">
        {t('bulk.more')}
      </Text>
    </BulkDialog>
  );
}

/** The filter in words: what is about to be run again. */
function Shown({ search }: { search: RunSearch }) {
  const { t } = useTranslation('attention');
  const { t: ui } = useTranslation('ui');
  const { t: runs } = useTranslation('runs');
  const { data: flows = [] } = useQuery(queryOf(flowsApi.listFlows));
  const flow = flows.find(({ id }) => id === search.flow);
  const time = search.when === 'custom' ? `${search.from ?? '…'} – ${search.to ?? '…'}` : runs(`when.${search.when}`);
  return (
    <Text>
      {t('bulk.states')}: <b>{search.states.map((state) => ui(`run.${state}`)).join(', ')}</b>
      <br />
      {t('bulk.flow')}: <b>{search.flow ? (flow?.name ?? '…') : t('bulk.allFlows')}</b>
      <br />
      {t('bulk.time')}: <b>{time}</b>
    </Text>
  );
}
