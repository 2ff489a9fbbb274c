import { Radio, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export interface RerunHow {
  from: 'failedStep' | 'start';
  version: 'current' | 'same';
}

interface Props {
  how: RerunHow;
  onChange(how: RerunHow): void;
  /** Whether there is a failed step to go on from. */
  failed: boolean;
  /** The version it ran with; absent where there are several. */
  number?: number;
}

/** From where, and by which version of the flow. */
export function RerunChoices({ how, onChange, failed, number }: Props) {
  const { t } = useTranslation('runs');
  return (
    <>
      <Radio.Group
        label={t('rerun.from')}
        value={how.from}
        onChange={(from) => onChange({ ...how, from: from as RerunHow['from'] })}
      >
        <Stack gap={8} mt={6}>
          {failed && <Radio value="failedStep" label={t('rerun.failedStep')} description={t('rerun.failedStepHelp')} />}
          <Radio value="start" label={t('rerun.start')} description={t('rerun.startHelp')} />
        </Stack>
      </Radio.Group>
      <Radio.Group
        label={t('rerun.version')}
        value={how.version}
        onChange={(version) => onChange({ ...how, version: version as RerunHow['version'] })}
      >
        <Stack gap={8} mt={6}>
          <Radio value="current" label={t('rerun.current')} />
          <Radio value="same" label={number === undefined ? t('rerun.asThen') : t('rerun.same', { number })} />
        </Stack>
      </Radio.Group>
    </>
  );
}
