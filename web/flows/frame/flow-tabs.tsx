import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import classes from './frame.module.css';

/** What there is to see of one flow. */
export function FlowTabs({ flowId }: { flowId: string }) {
  const { t } = useTranslation('flows');
  const params = { flowId };
  const tab = { className: classes.tab, activeOptions: { exact: true, includeSearch: false } };
  return (
    <nav className={classes.tabs} aria-label={t('tabs.label')}>
      <Link to="/flows/$flowId" params={params} {...tab}>
        {t('tabs.steps')}
      </Link>
      <Link to="/flows/$flowId/pairs" params={params} {...tab}>
        {t('tabs.pairs')}
      </Link>
      <Link to="/flows/$flowId/settings" params={params} {...tab}>
        {t('tabs.settings')}
      </Link>
    </nav>
  );
}
