import { BarChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Panel } from '../ui/panel.tsx';
import { useZone } from '../ui/zone.ts';
import type { Overview } from './overview.ts';

/** Runs and failures by the hour. */
export function Day({ hours }: { hours: Overview['hours'] }) {
  const { t, i18n } = useTranslation('home');
  const zone = useZone();
  const clock = new Intl.DateTimeFormat(i18n.language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  });
  const runs = hours.reduce((sum, hour) => sum + hour.runs, 0);
  const failures = hours.reduce((sum, hour) => sum + hour.failures, 0);
  const data = hours.map((hour) => ({
    at: clock.format(Date.parse(hour.at)),
    good: hour.runs - hour.failures,
    failures: hour.failures,
  }));
  return (
    <Panel title={t('day')}>
      {runs === 0 ? (
        <Text c="dimmed">{t('dayNone')}</Text>
      ) : (
        <figure style={{ margin: 0 }} role="img" aria-label={t('dayWords', { runs, failures })}>
          <BarChart
            h={230}
            data={data}
            dataKey="at"
            type="stacked"
            withLegend
            legendProps={{ verticalAlign: 'bottom' }}
            gridAxis="x"
            tickLine="none"
            barProps={{ isAnimationActive: false, maxBarSize: 28 }}
            yAxisProps={{ allowDecimals: false, width: 36, interval: 0, tickCount: 5 }}
            xAxisProps={{ interval: 'preserveStartEnd', minTickGap: 24 }}
            series={[
              { name: 'good', label: t('runs'), color: 'accent.6' },
              { name: 'failures', label: t('failures'), color: 'var(--state-broken)' },
            ]}
          />
        </figure>
      )}
    </Panel>
  );
}
