import { NumberInput, Radio, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { TriggerView } from '../../../server/connections/contract.ts';
import { settingsApi } from '../../../server/settings/contract.ts';
import { queryOf } from '../../api.ts';
import type { TriggerDraft } from './draft.ts';
import { Notice } from './notice.tsx';

interface Props {
  trigger: TriggerDraft;
  view: TriggerView;
  onChange(patch: Partial<TriggerDraft>): void;
}

/** In real time, or every so many minutes; what real time needs is said where it cannot be had. */
export function TriggerMode({ trigger, view, onChange }: Props) {
  const { t } = useTranslation('flows');
  const { data: settings } = useQuery(queryOf(settingsApi.getSettings));
  const impossible = settings !== undefined && !settings.realTimePossible;
  return (
    <Radio.Group
      label={t('mode.title')}
      value={trigger.mode ?? ''}
      onChange={(mode) => onChange({ mode: mode as 'realTime' | 'poll' })}
    >
      <Stack gap={10} mt={6}>
        <Radio
          value="realTime"
          disabled={!view.realTime}
          label={t('mode.realTime')}
          description={t(view.realTime ? 'mode.realTimeHelp' : 'mode.noRealTime', {
            minutes: settings?.reconcileMinutes ?? 10,
          })}
        />
        {view.polled && (
          <div>
            <Radio value="poll" label={t('mode.poll')} description={t('mode.pollHelp')} />
            {trigger.mode === 'poll' && (
              <NumberInput
                mt={8}
                ml={32}
                w={220}
                aria-label={t('mode.minutes')}
                min={1}
                max={1440}
                clampBehavior="blur"
                prefix={t('mode.every')}
                suffix={t('mode.min')}
                value={trigger.everyMinutes ?? 5}
                onChange={(minutes) =>
                  typeof minutes === 'number' &&
                  minutes >= 1 &&
                  minutes <= 1440 &&
                  onChange({ everyMinutes: Math.round(minutes) })
                }
              />
            )}
          </div>
        )}
        {impossible && trigger.mode === 'realTime' && view.realTime && (
          <Notice tone="attention" title={t('mode.impossible')}>
            <Text size="sm">{t(view.polled ? 'mode.impossibleMore' : 'mode.impossibleHook')}</Text>
          </Notice>
        )}
      </Stack>
    </Radio.Group>
  );
}
