import { Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCalendarDue,
  IconCheck,
  IconDatabaseX,
  IconEarOff,
  IconPlayerPause,
  IconPlugConnectedX,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Notice, NoticeKind } from '../../server/notices/contract.ts';
import { PageLink } from '../ui/links.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { useText } from '../ui/text.ts';
import css from './notices.module.css';

const looks: Record<NoticeKind, ['attention' | 'broken', TablerIcon]> = {
  'flow.paused': ['attention', IconPlayerPause],
  'connection.reconnect': ['broken', IconPlugConnectedX],
  'connection.ending': ['attention', IconCalendarDue],
  'trigger.silent': ['attention', IconEarOff],
  'runs.attention': ['broken', IconAlertTriangle],
  'disk.full': ['broken', IconDatabaseX],
};

interface Props {
  notice: Notice;
  fresh: boolean;
  /** A link in it was followed. */
  onLeave: () => void;
}

/** One notice: its words lead to the flow or connection; grey once the trouble is over. */
export function NoticeRow({ notice, fresh, onLeave }: Props) {
  const { t } = useTranslation('notices');
  const [tone, Icon] = looks[notice.kind];
  const settled = notice.settledAt !== null;
  return (
    <li className={css.row} data-tone={tone} data-settled={settled || undefined} data-fresh={fresh || undefined}>
      <Icon size={20} stroke={1.8} aria-hidden />
      <div className={css.words}>
        <Words notice={notice} onLeave={onLeave} />
        <Text component="div" size="xs" c="dimmed" className={css.more}>
          {fresh && <span className={css.fresh}>{t('new')}</span>}
          <RelativeTime at={notice.at} />
          {settled && (
            <span className={css.settled}>
              <IconCheck size={14} aria-hidden />
              {t('settled')}
            </span>
          )}
          {notice.kind === 'runs.attention' && notice.flow && !settled && (
            <PageLink
              to="/runs"
              search={{ flow: notice.flow, states: 'rejected,dead,unknown' }}
              size="xs"
              className={css.runs}
              onClick={onLeave}
            >
              {t('toRuns')}
            </PageLink>
          )}
        </Text>
      </div>
    </li>
  );
}

function Words({ notice, onLeave }: Omit<Props, 'fresh'>) {
  const say = useText();
  const words = say(notice.text);
  const props = { className: css.link, onClick: onLeave };
  if (notice.connection)
    return (
      <Link
        to="/connections/$connectionId"
        params={{ connectionId: notice.connection }}
        {...(notice.settledAt ? {} : { hash: 'reconnect' })}
        {...props}
      >
        {words}
      </Link>
    );
  if (notice.flow)
    return (
      <Link to="/flows/$flowId" params={{ flowId: notice.flow }} {...props}>
        {words}
      </Link>
    );
  return <span>{words}</span>;
}
