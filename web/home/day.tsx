import { BarChart } from '@mantine/charts';
import { ColorSwatch, Group, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Panel } from '../ui/panel.tsx';
import { useZone } from '../ui/zone.ts';
import type { Overview } from './overview.ts';

const good = 'var(--mantine-color-accent-6)';
const bad = 'var(--state-broken)';

/** Runs and failures by the hour. */
export function Day({ hours }: { hours: Overview['hours'] }) {
  const { t, i18n } = useTranslation('home');
  const zone = useZone();
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
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
  // Recharts leaves labels out as they happen to fit; whole steps back from now are read at a glance.
  const step = narrow ? 6 : 3;
  const ticks = data.map(({ at }) => at).filter((_, index) => (data.length - 1 - index) % step === 0);
  return (
    <Panel title={t('day')} aside={runs > 0 && <Legend />}>
      {runs === 0 ? (
        <Text c="dimmed">{t('dayNone')}</Text>
      ) : (
        <figure style={{ margin: 0 }} role="img" aria-label={t('dayWords', { runs, failures })}>
          <BarChart
            h={260}
            data={data}
            dataKey="at"
            type="stacked"
            gridAxis="x"
            tickLine="none"
            barProps={{ isAnimationActive: false, maxBarSize: 28 }}
            yAxisProps={{ allowDecimals: false, width: 36, interval: 0, tickCount: 5 }}
            xAxisProps={{ ticks, interval: 0 }}
            series={[
              { name: 'good', label: t('runs'), color: good },
              { name: 'failures', label: t('failures'), color: bad },
            ]}
          />
        </figure>
      )}
    </Panel>
  );
}

function Legend() {
  const { t } = useTranslation('home');
  return (
    <Group gap="md" c="dimmed" fz="xs" aria-hidden>
      {[
        { color: good, word: t('runs') },
        { color: bad, word: t('failures') },
      ].map(({ color, word }) => (
        <Group key={word} gap={6}>
          <ColorSwatch color={color} size={10} withShadow={false} />
          {word}
        </Group>
      ))}
    </Group>
  );
}
