import { ActionIcon, Group, Loader, ScrollArea, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useText } from '../../ui/text.ts';
import { useEditor } from '../editor/context.ts';
import { FieldIcon } from './field-icon.tsx';
import classes from './picker.module.css';
import { type FieldRow, rowsOf, type SourceGroup } from './rows.ts';
import { useShow } from './use-showing.ts';

interface Props {
  groups: SourceGroup[];
  onPick(path: string[]): void;
  /** A reference itself may be picked, not only what is behind it. */
  onClose?(): void;
}

/** Fields of the source with the sample's values: by step, searchable, as deep as references go. */
export function FieldPicker({ groups, onPick }: Props) {
  const { source } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();

  const shown = useMemo(
    () => groups.map((group) => ({ group, rows: rowsOf({ group, open, search, text }) })),
    [groups, open, search, text],
  );
  const rows = shown.flatMap((each) => each.rows);
  const current = Math.min(active, rows.length - 1);

  useLookAhead(search, groups);
  useEffect(() => {
    if (list.current) keepInView(list.current, current);
  }, [current]);

  const toggle = (row: FieldRow) => {
    const key = row.path.join('.');
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    if (row.path[0] === 'trigger' && row.field.target) source.look(row.path.slice(1));
    setOpen(next);
  };
  const keys = (event: KeyboardEvent) => {
    const row = rows[current];
    if (event.key === 'ArrowDown') setActive(Math.min(current + 1, rows.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(current - 1, 0));
    else if (event.key === 'Enter' && row) onPick(row.path);
    else if (event.key === 'ArrowRight' && row?.children === 'closed' && atEnd(event)) toggle(row);
    else if (event.key === 'ArrowLeft' && row?.children === 'open' && !search) toggle(row);
    else return;
    event.preventDefault();
  };

  let index = -1;
  return (
    <div className={classes.picker}>
      <TextInput
        data-autofocus
        aria-label={t('picker.search')}
        placeholder={t('picker.search')}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={keys}
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={rows[current] ? `${listId}-${current}` : undefined}
      />
      <ScrollArea.Autosize mah={320} mt={8} type="auto" viewportRef={list}>
        <div role="listbox" id={listId} aria-label={t('picker.fields')}>
          {shown.map(({ group, rows: groupRows }) => (
            <div key={group.id} role="group" aria-label={group.title}>
              <Text size="xs" c="dimmed" fw={600} px={8} py={4} aria-hidden>
                {group.title}
              </Text>
              {groupRows.map((row) => {
                index += 1;
                return (
                  <Line
                    key={row.path.join('.')}
                    id={`${listId}-${index}`}
                    row={row}
                    active={index === current}
                    full={search !== ''}
                    onPick={() => onPick(row.path)}
                    onToggle={() => toggle(row)}
                  />
                );
              })}
            </div>
          ))}
        </div>
        {source.fieldsPending && <Loader m={8} />}
        {!source.fieldsPending && rows.length === 0 && (
          <Text size="sm" c="dimmed" p={8}>
            {t(search ? 'picker.nothing' : 'picker.noFields')}
          </Text>
        )}
      </ScrollArea.Autosize>
      <Text size="xs" c="dimmed" mt={8} className={classes.hint}>
        {t('picker.keys')}
      </Text>
    </div>
  );
}

/** Scrolls the list alone: `scrollIntoView` would move the page under a popover that has no place yet. */
function keepInView(list: HTMLElement, current: number) {
  const line = list.querySelector<HTMLElement>('[data-active]');
  if (!line || current <= 0) {
    list.scrollTop = 0;
    return;
  }
  const [box, row] = [list.getBoundingClientRect(), line.getBoundingClientRect()];
  if (row.top < box.top) list.scrollTop -= box.top - row.top;
  if (row.bottom > box.bottom) list.scrollTop += row.bottom - box.bottom;
}

const atEnd = (event: KeyboardEvent) => {
  const input = event.target as HTMLInputElement;
  return input.selectionStart === input.value.length;
};

/** While searching, what is behind the nearest references is searched too. */
function useLookAhead(search: string, groups: SourceGroup[]) {
  const { source } = useEditor();
  const searching = search.length > 1;
  useEffect(() => {
    if (!searching || !groups.some((group) => group.id === 'trigger')) return;
    for (const field of source.fields) if (field.target && !field.list) source.look([field.key]);
  }, [searching, groups, source]);
}

interface LineProps {
  id: string;
  row: FieldRow;
  active: boolean;
  /** Show the whole path, since its parents are not above it. */
  full: boolean;
  onPick(): void;
  onToggle(): void;
}

function Line({ id, row, active, full, onPick, onToggle }: LineProps) {
  const { t } = useTranslation('flows');
  const show = useShow();
  const value = show(row.value, row.field.type);
  const name = full ? row.labels.join(' › ') : (row.labels.at(-1) ?? '');
  const Chevron = row.children === 'open' ? IconChevronDown : IconChevronRight;
  return (
    <Group
      gap={4}
      wrap="nowrap"
      className={classes.line}
      data-active={active || undefined}
      style={{ paddingInlineStart: full ? 4 : 4 + row.depth * 20 }}
    >
      <UnstyledButton
        id={id}
        role="option"
        aria-selected={active}
        tabIndex={-1}
        className={classes.pick}
        onClick={onPick}
      >
        <FieldIcon type={row.field.type} />
        <span className={classes.name}>{name}</span>
        <span className={classes.value} title={value}>
          {value}
        </span>
      </UnstyledButton>
      {row.children !== 'none' && !full ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          tabIndex={-1}
          aria-hidden
          title={t('picker.inside', { field: name })}
          onClick={onToggle}
        >
          <Chevron size={16} />
        </ActionIcon>
      ) : (
        <span className={classes.noChevron} />
      )}
    </Group>
  );
}
