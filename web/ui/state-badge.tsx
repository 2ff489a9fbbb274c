import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconFilterOff,
  IconHelpCircle,
  IconPlayerPause,
  IconPlayerStop,
  IconPlayerTrackNext,
  IconPlugConnectedX,
  IconProgress,
  type TablerIcon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FlowState, RunState } from '../../server/flows/contract.ts';
import css from './state-badge.module.css';

export type ConnectionHealth = 'works' | 'untried' | 'reconnect' | 'ailing';
type Tone = 'good' | 'wait' | 'attention' | 'broken' | 'stopped';
type Look = [Tone, TablerIcon];

const flowLooks: Record<FlowState, Look> = {
  works: ['good', IconCircleCheck],
  waits: ['wait', IconClock],
  paused: ['attention', IconPlayerPause],
  stopped: ['stopped', IconPlayerStop],
};
const runLooks: Record<RunState, Look> = {
  queued: ['wait', IconClock],
  working: ['wait', IconProgress],
  calling: ['wait', IconProgress],
  waiting: ['wait', IconClock],
  done: ['good', IconCircleCheck],
  filtered: ['stopped', IconFilterOff],
  skipped: ['stopped', IconPlayerTrackNext],
  rejected: ['broken', IconCircleX],
  dead: ['broken', IconAlertTriangle],
  unknown: ['attention', IconHelpCircle],
};
const connectionLooks: Record<ConnectionHealth, Look> = {
  works: ['good', IconCircleCheck],
  untried: ['stopped', IconCircleDashed],
  reconnect: ['broken', IconPlugConnectedX],
  ailing: ['attention', IconAlertTriangle],
};

type Props = (
  | { of: 'flow'; state: FlowState }
  | { of: 'run'; state: RunState }
  | { of: 'connection'; state: ConnectionHealth }
) & {
  /** Words alone on the page's own ground, without the tinted one: for dense tables. */
  plain?: boolean;
};

function lookOf(props: Props): Look {
  switch (props.of) {
    case 'flow':
      return flowLooks[props.state];
    case 'run':
      return runLooks[props.state];
    case 'connection':
      return connectionLooks[props.state];
  }
}

/** A state as icon, word and colour: never colour alone. */
export function StateBadge(props: Props) {
  const { t } = useTranslation('ui');
  const [tone, Icon] = lookOf(props);
  return (
    <span className={css.badge} data-tone={tone} data-plain={props.plain || undefined} data-state={props.state}>
      <Icon size={15} stroke={2} aria-hidden />
      {t(`${props.of}.${props.state}` as 'flow.works')}
    </span>
  );
}
