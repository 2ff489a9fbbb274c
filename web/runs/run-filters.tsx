import { Group, MultiSelect, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { flowsApi, type RunState, runStates } from '../../server/flows/contract.ts';
import { queryOf } from '../api.ts';
import { SearchBox } from './run-search.tsx';
import { type Period, periods, type RunSearch } from './search.ts';

/** People do not tell "working" from "calling": they are one here. */
const shownStates = runStates.filter((state) => state !== 'calling');

/** By words, flow, state and time. */
export function RunFilters({ search, onChange }: { search: RunSearch; onChange(search: RunSearch): void }) {
  const { t } = useTranslation('runs');
  const { t: ui } = useTranslation('ui');
  const { data: flows = [] } = useQuery(queryOf(flowsApi.listFlows));
  const states = search.states.filter((state) => state !== 'calling');
  const setStates = (chosen: string[]) =>
    onChange({
      ...search,
      states: chosen.flatMap((state): RunState[] =>
        state === 'working' ? ['working', 'calling'] : [state as RunState],
      ),
    });
  return (
    <>
      <SearchBox
        label={t('search')}
        value={search.q ?? ''}
        onChange={(q) => onChange({ ...search, q: q || undefined })}
      />
      <Select
        aria-label={t('flow')}
        placeholder={t('allFlows')}
        w={240}
        clearable
        searchable
        data={flows.map((flow) => ({ value: flow.id, label: flow.name }))}
        value={search.flow ?? null}
        onChange={(flow) => onChange({ ...search, flow: flow ?? undefined })}
      />
      <MultiSelect
        aria-label={t('states')}
        placeholder={states.length === 0 ? t('allStates') : ''}
        miw={200}
        maw={420}
        clearable
        data={shownStates.map((state) => ({ value: state, label: ui(`run.${state}`) }))}
        value={states}
        onChange={setStates}
      />
      <Select
        aria-label={t('when.label')}
        w={160}
        allowDeselect={false}
        data={periods.map((period) => ({ value: period, label: t(`when.${period}`) }))}
        value={search.when}
        onChange={(when) => when && onChange({ ...search, when: when as Period })}
      />
      {search.when === 'custom' && (
        <Group gap={8} wrap="nowrap">
          <TextInput
            type="date"
            aria-label={t('from')}
            value={search.from ?? ''}
            onChange={(event) => onChange({ ...search, from: event.currentTarget.value || undefined })}
          />
          –
          <TextInput
            type="date"
            aria-label={t('to')}
            value={search.to ?? ''}
            onChange={(event) => onChange({ ...search, to: event.currentTarget.value || undefined })}
          />
        </Group>
      )}
    </>
  );
}
