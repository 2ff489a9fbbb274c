import { Button, Checkbox, Modal, Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connectionsApi } from '../../../server/connections/contract.ts';
import { type FlowState, flowStates, flowsApi } from '../../../server/flows/contract.ts';
import { queryOf } from '../../api.ts';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { useText } from '../../ui/text.ts';
import { FlowTable } from './flow-table.tsx';
import { ReadyMade } from './ready-made.tsx';
import { type FlowSearch, flowSearch } from './search.ts';

/** `/flows`: one row a flow. */
export function FlowsPage() {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const navigate = useNavigate();
  const filters = flowSearch.parse(useSearch({ strict: false }));
  const setFilters = (next: FlowSearch) => void navigate({ to: '/flows', search: next as never, replace: true });
  const [making, setMaking] = useState(false);
  const query = { ...filters, mine: filters.mine && ('true' as const) };
  const flows = useQuery({ ...queryOf(flowsApi.listFlows, { query }), placeholderData: keepPreviousData });
  const filtered = Object.values(filters).some(Boolean);
  const none = flows.data?.length === 0 && !filtered;
  return (
    <Page
      title={t('list.title')}
      toolbar={!none && <Toolbar filters={filters} onChange={setFilters} />}
      action={
        !none && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
            {t('list.new')}
          </Button>
        )
      }
    >
      {flows.error && <Failure error={flows.error} retry={() => void flows.refetch()} />}
      {flows.isPending && !flows.error && <Loading rows={6} height={52} />}
      {none && (
        <Empty title={t('ready.title')} more={t('ready.more')}>
          <ReadyMade />
        </Empty>
      )}
      {flows.data?.length === 0 && filtered && (
        <Empty title={t('list.nothing')}>
          <Button variant="default" onClick={() => setFilters({})}>
            {t('list.clear')}
          </Button>
        </Empty>
      )}
      {flows.data && flows.data.length > 0 && <FlowTable flows={flows.data} />}
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t('ready.or')}
        size="lg"
        closeButtonProps={{ 'aria-label': ui('close') }}
      >
        <ReadyMade />
      </Modal>
    </Page>
  );
}

function Toolbar({ filters, onChange }: { filters: FlowSearch; onChange(filters: FlowSearch): void }) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const text = useText();
  const { data: connectors = [] } = useQuery(queryOf(connectionsApi.listConnectors));
  return (
    <>
      <Select
        aria-label={t('list.state')}
        placeholder={t('list.allStates')}
        w={180}
        clearable
        data={flowStates.map((state) => ({ value: state, label: ui(`flow.${state}`) }))}
        value={filters.state ?? null}
        onChange={(state) => onChange({ ...filters, state: (state as FlowState | null) ?? undefined })}
      />
      <Select
        aria-label={t('list.app')}
        placeholder={t('list.allApps')}
        w={180}
        clearable
        searchable
        data={connectors.map((connector) => ({ value: connector.key, label: text(connector.label) }))}
        value={filters.app ?? null}
        onChange={(app) => onChange({ ...filters, app: app ?? undefined })}
      />
      <Checkbox
        label={t('list.mine')}
        checked={filters.mine ?? false}
        onChange={(event) => onChange({ ...filters, mine: event.currentTarget.checked || undefined })}
      />
    </>
  );
}
