import { Badge, Button, Group, Text, UnstyledButton } from '@mantine/core';
import { IconAlertCircle, IconChevronDown, IconCircleCheck, IconCircleDashed, IconFlask } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useText } from '../../ui/text.ts';
import classes from './card.module.css';
import { useEditor } from './context.ts';
import { usesTrigger } from './draft.ts';

/** empty: not begun or not whole · problem: something is wrong · checked: tried on a real record · ready: whole, not tried yet */
export type CardState = 'empty' | 'problem' | 'checked' | 'ready';

interface Props {
  id: string;
  number?: number | undefined;
  title: string;
  /** What it is about, in a few words. */
  what: ReactNode;
  /** The rest of the summary. */
  more?: ReactNode;
  state: CardState | null;
  /** In the wizard: its turn has not come yet. */
  locked?: boolean;
  /** Beside the state: a count, a menu. */
  aside?: ReactNode;
  /** The next click of the wizard. */
  next?: { label: string; ready: boolean; go(): void } | undefined;
  children: ReactNode;
}

/** A part of a flow: one line that says what it does, and on click the form in its place. */
export function Card({ id, number, title, what, more, state, locked, aside, next, children }: Props) {
  const { open, setOpen, problems, wizard, draft, test } = useEditor();
  const { t } = useTranslation('flows');
  const box = useRef<HTMLElement>(null);
  const isOpen = open === id && !locked;
  const mine = problems.filter((problem) => problem.card === id);
  useEffect(() => {
    if (isOpen) box.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  return (
    <section
      ref={box}
      className={classes.card}
      data-open={isOpen || undefined}
      data-locked={locked || undefined}
      aria-label={title}
    >
      <div className={classes.top}>
        <UnstyledButton
          className={classes.head}
          aria-expanded={isOpen}
          aria-controls={`card-${id}`}
          disabled={locked ?? false}
          onClick={() => setOpen(isOpen ? null : id)}
        >
          <span className={classes.number} data-plain={number === undefined || undefined} aria-hidden>
            {number}
          </span>
          <span className={classes.title}>{title}</span>
          <span className={classes.summary}>
            <span className={classes.what}>{what}</span>
            {more && !isOpen && <span className={classes.more}>{more}</span>}
          </span>
          <StateMark state={state} />
          <IconChevronDown size={18} aria-hidden className={classes.chevron} />
        </UnstyledButton>
        {aside}
      </div>
      {!isOpen && mine.length > 0 && !(wizard && state === 'empty') && <Problems id={id} />}
      {isOpen && (
        <div id={`card-${id}`} className={classes.body}>
          <Problems id={id} />
          {children}
          <Group mt={16}>
            {next && (
              <Button onClick={next.go} disabled={!next.ready}>
                {next.label}
              </Button>
            )}
            {next && !next.ready && (
              <Text size="sm" c="dimmed">
                {t('editor.fillFirst')}
              </Text>
            )}
            {usesTrigger(draft) && (
              <Button variant="default" leftSection={<IconFlask size={16} />} onClick={test}>
                {t('editor.check')}
              </Button>
            )}
          </Group>
        </div>
      )}
    </section>
  );
}

/** Mistakes of a card in words; a click leads to the field. */
function Problems({ id }: { id: string }) {
  const { problems, goTo, wizard, open } = useEditor();
  const text = useText();
  const mine = problems.filter((problem) => problem.card === id);
  // While a card is filled for the first time, everything is missing: that needs no red list.
  if (mine.length === 0 || (wizard && open === id)) return null;
  return (
    <ul className={classes.problems}>
      {mine.map((problem) => (
        <li key={`${problem.code}-${problem.field}`}>
          <UnstyledButton className={classes.problem} onClick={() => goTo(id, problem.field)}>
            {text(problem.text)}
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

function StateMark({ state }: { state: CardState | null }) {
  const { t } = useTranslation('flows');
  if (!state) return <span />;
  const Icon = {
    empty: IconCircleDashed,
    problem: IconAlertCircle,
    checked: IconCircleCheck,
    ready: IconCircleDashed,
    IconFlask,
  }[state];
  return (
    <Badge
      variant="transparent"
      tt="none"
      px={0}
      fw={500}
      fz={13}
      className={classes.state}
      data-state={state}
      leftSection={<Icon size={16} aria-hidden />}
    >
      {t(`cardStates.${state}`)}
    </Badge>
  );
}
