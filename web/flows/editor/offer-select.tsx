import {
  ActionIcon,
  type ComboboxParsedItem,
  Group,
  Loader,
  Select,
  type SelectProps,
  Text,
  Tooltip,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ActionView, connectionsApi, type TriggerView } from '../../../server/connections/contract.ts';
import { call, queryOf } from '../../api.ts';
import { Failure, wordsOf } from '../../ui/failure.tsx';
import { useText } from '../../ui/text.ts';

type View = TriggerView | ActionView;

interface Props<Offer extends View> extends Pick<SelectProps, 'label' | 'placeholder' | 'error'> {
  kind: 'triggers' | 'actions';
  connection: string;
  /** What every account of the app has. */
  shelf: Offer[];
  /** The account has objects of its own: the list is asked for as somebody types. */
  discovers: boolean;
  chosen: Offer | undefined;
  focused?: boolean;
  onChoose(offer: Offer): void;
}

/** So many at once: the rest is found by typing. */
const shown = 50;
const endpoints = { triggers: connectionsApi.listTriggers, actions: connectionsApi.listActions };
const moreKey = ' more';

/** What happens, or what to do: the usual things first, then the objects of this account, found by their names. */
export function OfferSelect<Offer extends View>(props: Props<Offer>) {
  const { kind, connection, shelf, discovers, chosen, focused, onChoose, placeholder, ...look } = props;
  const { t } = useTranslation('flows');
  const text = useText();
  const [opened, setOpened] = useState(false);
  const [words, setWords] = useState('');
  const chosenLabel = chosen ? text(chosen.label) : '';
  // The field shows the name of what is chosen: that is no search.
  const [search] = useDebouncedValue(words === chosenLabel ? '' : words, 150);
  const list = useOffers<Offer>({ kind, connection, search, enabled: discovers && opened });
  const { shelfData, objectData, rest } = listed({ shelf, chosen, items: list.items, total: list.total, search });
  const optionOf = (each: Offer) => ({ value: each.key, label: text(each.label) });
  const data = [
    ...shelfData.map(optionOf),
    ...(objectData.length > 0 ? [{ group: t('offers.objects'), items: objectData.map(optionOf) }] : []),
    ...(rest > 0 ? [{ value: moreKey, label: t('offers.more', { count: rest }), disabled: true }] : []),
  ];
  return (
    <div>
      <Group gap={8} align="flex-start" wrap="nowrap">
        <Select
          {...look}
          placeholder={discovers ? t('offers.choose') : placeholder}
          flex={1}
          miw={0}
          description={chosen?.help && text(chosen.help)}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          searchable
          allowDeselect={false}
          maxDropdownHeight={320}
          data={data}
          value={chosen?.key ?? null}
          data-focus={focused || undefined}
          onChange={(key) => {
            const offer = [...shelf, ...list.items].find((each) => each.key === key);
            if (offer) onChoose(offer);
          }}
          onDropdownOpen={() => setOpened(true)}
          onSearchChange={setWords}
          {...(list.found && { filter: ({ options }) => foundAmong(options, search === '' ? null : list.items) })}
          renderOption={({ option }) => <Option label={option.label} object={objectOf(option.value, objectData)} />}
          nothingFoundMessage={list.pending ? t('offers.loading') : t(discovers ? 'offers.none' : 'offers.noneHere')}
          rightSection={list.pending ? <Loader size={16} /> : undefined}
        />
        {discovers && (
          <Tooltip label={t('offers.refresh')}>
            <ActionIcon
              variant="default"
              size={36}
              mt={21}
              aria-label={t('offers.refresh')}
              loading={list.refreshing}
              onClick={() => void list.refresh()}
            >
              <IconRefresh size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      {list.failure && (
        <div style={{ marginTop: 8 }}>
          <Failure text={`${t('offers.failed')} ${text(list.failure)}`} retry={() => void list.refresh()} attention />
        </div>
      )}
    </div>
  );
}

/** Names repeat on a stand: the code of an object tells which one it is. */
function Option({ label, object }: { label: string; object: string | undefined }) {
  return (
    <div>
      <Text size="sm" component="div">
        {label}
      </Text>
      {object && (
        <Text size="xs" c="dimmed" component="div">
          {object}
        </Text>
      )}
    </div>
  );
}

/** The server has done the search; what is chosen stands in the list whatever is looked for, and is left out here. */
function foundAmong(options: ComboboxParsedItem[], found: View[] | null): ComboboxParsedItem[] {
  if (!found) return options;
  const keys = new Set([moreKey, ...found.map(({ key }) => key)]);
  return options.flatMap((option): ComboboxParsedItem[] => {
    if (!('items' in option)) return keys.has(option.value) ? [option] : [];
    const items = option.items.filter(({ value }) => keys.has(value));
    return items.length > 0 ? [{ ...option, items }] : [];
  });
}

const objectOf = (key: string, objects: View[]): string | undefined =>
  objects.find((each) => each.key === key)?.recordType ?? undefined;

/** What stands in the list: the shelf, the objects found, and what is chosen wherever it belongs. */
function listed<Offer extends View>(given: {
  shelf: Offer[];
  chosen: Offer | undefined;
  items: Offer[];
  total: number;
  search: string;
}) {
  const { shelf, chosen, items, total, search } = given;
  const shelfData = items.length > 0 || search !== '' ? items.filter((each) => !each.discovered) : shelf;
  const found = items.filter((each) => each.discovered);
  const isMissing = chosen !== undefined && ![...shelfData, ...found].some((each) => each.key === chosen.key);
  const isOfShelf = isMissing && !chosen.discovered;
  return {
    shelfData: isOfShelf ? [...shelfData, chosen] : shelfData,
    objectData: isMissing && !isOfShelf ? [chosen, ...found] : found,
    rest: Math.max(0, total - items.length),
  };
}

function useOffers<Offer extends View>(asked: {
  kind: 'triggers' | 'actions';
  connection: string;
  search: string;
  enabled: boolean;
}) {
  const { kind, connection, search, enabled } = asked;
  const client = useQueryClient();
  const [refreshing, setRefreshing] = useState(false);
  const query = useQuery({
    ...queryOf(endpoints[kind], { params: { id: connection }, query: { search, limit: shown } }),
    enabled,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const refresh = async () => {
    setRefreshing(true);
    // Its failure comes with the list that is read behind it.
    await call(endpoints[kind], { params: { id: connection }, query: { fresh: 'true', limit: 1 } }).catch(() => {});
    await Promise.all(Object.values(endpoints).map(({ path }) => client.invalidateQueries({ queryKey: [path] })));
    setRefreshing(false);
  };
  const items = (query.data?.items ?? []) as Offer[];
  return {
    items,
    total: query.data?.total ?? 0,
    /** The server has done the search. */
    found: query.data !== undefined,
    pending: enabled && query.isFetching,
    failure: query.data?.failure?.text ?? (query.error ? wordsOf(query.error) : null),
    refresh,
    refreshing,
  };
}
