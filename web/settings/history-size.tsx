import { useTranslation } from 'react-i18next';
import type { settingsApi } from '../../server/settings/contract.ts';
import type { Output } from '../api.ts';
import { Panel } from '../ui/panel.tsx';
import css from './settings.module.css';
import { megabyte, sizeInWords } from './sizes.ts';

/** What the history takes of the disk, and what it will take. */
export function HistorySize({ settings }: { settings: Output<typeof settingsApi.getSettings> }) {
  const { t, i18n } = useTranslation('settings');
  const { history, historyDays, historyMegabytes } = settings;
  const { bytes, bytesPerDay, oldestDay } = history;
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long', timeZone: 'UTC' });
  return (
    <Panel title={t('historyTitle')}>
      <dl className={css.facts}>
        <dt>{t('sizeNow')}</dt>
        <dd>{sizeInWords(bytes, i18n.language)}</dd>
        {oldestDay && (
          <>
            <dt>{t('sizeSince')}</dt>
            <dd>{day.format(new Date(oldestDay))}</dd>
          </>
        )}
        <dt>{t('sizePerDay')}</dt>
        <dd>{bytesPerDay === null ? t('sizeForecastUnknown') : sizeInWords(bytesPerDay, i18n.language)}</dd>
        {bytesPerDay !== null && (
          <>
            <dt>{t('sizeForecast', { count: historyDays })}</dt>
            <dd>
              {sizeInWords(bytesPerDay * historyDays, i18n.language)}
              <div className={css.quiet}>
                {bytesPerDay * historyDays <= historyMegabytes * megabyte
                  ? t('sizeFits')
                  : t('sizeTooMuch', { count: Math.max(1, Math.floor((historyMegabytes * megabyte) / bytesPerDay)) })}
              </div>
            </dd>
          </>
        )}
      </dl>
    </Panel>
  );
}
