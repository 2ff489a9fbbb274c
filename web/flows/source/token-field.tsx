import { ActionIcon, Group, InputBase, Pill, Popover, Textarea, Tooltip } from '@mantine/core';
import { IconBraces, IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldChip } from './field-chip.tsx';
import { FieldPicker } from './field-picker.tsx';
import type { SourceGroup } from './rows.ts';
import { parseTemplate, printTemplate, type Segment, withTextAround } from './template.ts';
import classes from './tokens.module.css';

interface Props {
  value: string;
  onChange(value: string): void;
  groups: SourceGroup[];
  label: string;
  placeholder?: string;
  error?: boolean;
  describedBy?: string | undefined;
  focus?: boolean;
  /** Only one field, no text around it: the source of a value table. */
  single?: boolean;
  /** Enter begins a new line. */
  lines?: boolean;
}

interface Caret {
  segment: number;
  at: number;
}

/** A text with chips for fields; on request it is edited as it is written. */
export function TokenField({
  value,
  onChange,
  groups,
  label,
  placeholder,
  error,
  describedBy,
  focus,
  single,
  lines,
}: Props) {
  const { t } = useTranslation('flows');
  const [raw, setRaw] = useState(false);
  const [picking, setPicking] = useState(false);
  const caret = useRef<Caret>({ segment: Number.MAX_SAFE_INTEGER, at: Number.MAX_SAFE_INTEGER });
  const box = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const segments = withTextAround(parseTemplate(value));

  useEffect(() => {
    if (focus) (area.current ?? box.current?.querySelector('input'))?.focus();
  }, [focus]);

  const insert = (path: string[]) => {
    setPicking(false);
    put({ kind: 'field', path, filters: '' });
  };
  const put = (chip: Segment) => {
    if (single) return onChange(printTemplate([chip]));
    if (raw) return onChange(insertAt(value, caret.current.at, printTemplate([chip])));
    onChange(printTemplate(insertChip(segments, caret.current, chip)));
    const next = Math.min(caret.current.segment, segments.length - 1) + 2;
    caret.current = { segment: next, at: 0 };
    requestAnimationFrame(() => focusText(box.current, next, 0));
  };
  const replace = (index: number, segment: Segment) =>
    onChange(printTemplate(segments.map((each, i) => (i === index ? segment : each))));
  const remove = (index: number) => {
    const before = segments[index - 1];
    const length = before?.kind === 'text' ? before.text.length : 0;
    onChange(printTemplate(segments.filter((_, i) => i !== index)));
    requestAnimationFrame(() => focusText(box.current, index - 1, length));
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>, index: number) => {
    const input = event.currentTarget;
    const bare = input.selectionStart === input.selectionEnd;
    const start = bare && input.selectionStart === 0;
    const end = bare && input.selectionStart === input.value.length;
    if (event.key === 'Enter' && lines) put({ kind: 'break' });
    else if (event.key === 'Backspace' && start && index > 0) remove(index - 1);
    else if (event.key === 'Delete' && end && index < segments.length - 1) remove(index + 1);
    else if (event.key === 'ArrowLeft' && start && index > 0)
      focusText(box.current, index - 2, Number.MAX_SAFE_INTEGER);
    else if (event.key === 'ArrowRight' && end && index < segments.length - 1) focusText(box.current, index + 2, 0);
    else return;
    event.preventDefault();
  };

  const tools = (
    <Group gap={0} wrap="nowrap" className={classes.tools}>
      {!single && (
        <Tooltip label={t(raw ? 'source.asChips' : 'source.asText')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t(raw ? 'source.asChips' : 'source.asText')}
            aria-pressed={raw}
            onClick={() => setRaw(!raw)}
          >
            <IconBraces size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <Popover
        opened={picking}
        onChange={setPicking}
        position="bottom-end"
        shadow="md"
        trapFocus
        returnFocus
        withinPortal
      >
        <Popover.Target>
          <Tooltip label={t('source.insert')}>
            <ActionIcon
              variant="subtle"
              aria-label={t('source.insertInto', { field: label })}
              aria-haspopup="dialog"
              onClick={() => setPicking(!picking)}
            >
              <IconPlus size={16} />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown p={8} aria-label={t('source.insert')}>
          {picking && <FieldPicker groups={groups} onPick={insert} />}
        </Popover.Dropdown>
      </Popover>
    </Group>
  );

  if (raw)
    return (
      <div className={classes.raw}>
        <Textarea
          ref={area}
          aria-label={label}
          aria-describedby={describedBy}
          autosize
          minRows={1}
          maxRows={12}
          error={error}
          value={value}
          classNames={{ input: classes.code }}
          onChange={(event) => onChange(event.currentTarget.value)}
          onSelect={(event) => {
            caret.current = { segment: 0, at: event.currentTarget.selectionEnd };
          }}
        />
        {tools}
      </div>
    );
  return (
    <InputBase
      component="div"
      multiline
      error={error}
      rightSection={tools}
      rightSectionWidth={single ? 36 : 64}
      rightSectionPointerEvents="all"
      classNames={{ input: classes.input }}
      onClick={(event) => focusLast(event.target, box.current)}
    >
      <Pill.Group ref={box} gap={2} role="group" aria-label={label}>
        {segments.map((segment, index) =>
          segment.kind === 'text' ? (
            single ? null : (
              <input
                // A segment is its place.
                key={index}
                className={classes.text}
                data-segment={index}
                aria-label={segments.length === 1 ? label : t('source.textIn', { field: label })}
                aria-describedby={describedBy}
                aria-invalid={error || undefined}
                value={segment.text}
                placeholder={segments.length === 1 ? placeholder : undefined}
                style={{ width: segment.text ? `${segment.text.length + 1}ch` : undefined }}
                data-last={index === segments.length - 1 || undefined}
                onFocus={() => {
                  caret.current = { segment: index, at: segment.text.length };
                }}
                onSelect={(event) => {
                  caret.current = { segment: index, at: event.currentTarget.selectionEnd ?? 0 };
                }}
                onChange={(event) => replace(index, { kind: 'text', text: event.currentTarget.value })}
                onKeyDown={(event) => keys(event, index)}
              />
            )
          ) : segment.kind === 'break' ? (
            // A segment is its place.
            <span key={index} className={classes.break} />
          ) : (
            // A segment is its place.
            <FieldChip
              key={index}
              segment={segment}
              groups={groups}
              onChange={(next) => replace(index, next)}
              onRemove={() => remove(index)}
            />
          ),
        )}
        {single && segments.length === 1 && (
          <span className={classes.empty}>{placeholder ?? t('source.chooseField')}</span>
        )}
      </Pill.Group>
    </InputBase>
  );
}

/** A chip at the caret splits the text it stands in. */
export function insertChip(segments: Segment[], caret: Caret, chip: Segment): Segment[] {
  const index = Math.min(caret.segment, segments.length - 1);
  const place = segments[index];
  if (place?.kind !== 'text') return [...segments, chip];
  return [
    ...segments.slice(0, index),
    { kind: 'text', text: place.text.slice(0, caret.at) },
    chip,
    { kind: 'text', text: place.text.slice(caret.at) },
    ...segments.slice(index + 1),
  ];
}

const insertAt = (text: string, at: number, what: string) => text.slice(0, at) + what + text.slice(at);

function focusText(box: HTMLElement | null, segment: number, at: number) {
  const input = box?.querySelector<HTMLInputElement>(`input[data-segment="${segment}"]`);
  input?.focus();
  input?.setSelectionRange(Math.min(at, input.value.length), Math.min(at, input.value.length));
}

function focusLast(target: EventTarget, box: HTMLElement | null) {
  if (target instanceof HTMLElement && target.closest('input,button,[role=dialog]')) return;
  const inputs = box?.querySelectorAll<HTMLInputElement>('input[data-segment]');
  inputs?.[inputs.length - 1]?.focus();
}
