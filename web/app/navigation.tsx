import { Tooltip, VisuallyHidden } from '@mantine/core';
import {
  IconAlertCircle,
  IconArrowsRightLeft,
  IconHistory,
  IconHome,
  IconPlug,
  IconSettings,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { attentionApi } from '../../server/flows/contract.ts';
import { queryOf } from '../api.ts';
import css from './frame.module.css';

/** The sections of the product, in the order of the navigation; the search offers them too. */
export const sections = [
  { to: '/', name: 'home', Icon: IconHome },
  { to: '/flows', name: 'flows', Icon: IconArrowsRightLeft },
  { to: '/connections', name: 'connections', Icon: IconPlug },
  { to: '/attention', name: 'attention', Icon: IconAlertCircle },
  { to: '/runs', name: 'runs', Icon: IconHistory },
  { to: '/settings', name: 'settings', Icon: IconSettings },
] as const satisfies { to: string; name: string; Icon: TablerIcon }[];

/** The left navigation, or the bottom bar of a phone. */
export function Navigation({ narrow = false, bar = false }: { narrow?: boolean; bar?: boolean }) {
  const { t } = useTranslation('app');
  const { data } = useQuery(queryOf(attentionApi.countAttention));
  const attention = data?.count ?? 0;
  return (
    <div className={bar ? css.bar : css.sections}>
      {sections.map(({ to, name, Icon }) => (
        <Tooltip key={to} label={t(name)} position="right" disabled={!narrow}>
          <Link
            to={to}
            className={css.section}
            activeOptions={{ exact: to === '/' }}
            activeProps={{ 'aria-current': 'page' }}
          >
            <Icon size={bar ? 22 : 20} stroke={1.7} aria-hidden />
            {narrow ? <VisuallyHidden>{t(name)}</VisuallyHidden> : <span>{t(name)}</span>}
            {name === 'attention' && attention > 0 && (
              <span className={css.count}>
                <span aria-hidden>{attention > 99 ? '99+' : attention}</span>
                <VisuallyHidden>{t('needsAttention', { count: attention })}</VisuallyHidden>
              </span>
            )}
          </Link>
        </Tooltip>
      ))}
    </div>
  );
}
