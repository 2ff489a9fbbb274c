import { Button, Group, NumberInput, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Settings, settingLimits, settingsApi } from '../../server/settings/contract.ts';
import { call, queryClient } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { tell } from '../ui/notify.tsx';
import { Panel } from '../ui/panel.tsx';
import { countries } from './countries.ts';

type Counted = keyof typeof settingLimits;

export function SettingsForm({ settings }: { settings: Settings }) {
  const { t, i18n } = useTranslation('settings');
  const { t: ui } = useTranslation('ui');
  const within = (key: Counted) => (value: number | string) => {
    const [min, max] = settingLimits[key];
    return Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? null
      : t('wholeNumber', { min, max });
  };
  const { brakePerHour, defaultCountry, zone, reconcileMinutes, historyDays, historyMegabytes } = settings;
  const form = useForm<Settings>({
    initialValues: { brakePerHour, defaultCountry, zone, reconcileMinutes, historyDays, historyMegabytes },
    validate: {
      brakePerHour: within('brakePerHour'),
      reconcileMinutes: within('reconcileMinutes'),
      historyDays: within('historyDays'),
      historyMegabytes: within('historyMegabytes'),
    },
  });
  const save = useMutation({
    mutationFn: (body: Settings) => call(settingsApi.patchSettings, { body }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: [settingsApi.getSettings.path] });
      form.resetDirty();
      tell(t('saved'));
    },
  });
  /** The wheel and the arrows stop where the settings do. */
  const bounds = (key: Counted) => ({ min: settingLimits[key][0], max: settingLimits[key][1] });
  const numberProps = {
    allowDecimal: false,
    allowNegative: false,
    inputWrapperOrder: ['label', 'input', 'error', 'description'] as Order,
  };
  return (
    <Panel title={t('flows')}>
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => save.mutate(values),
          (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
        )}
      >
        <Stack gap="lg">
          {save.isError && <Failure error={save.error} />}
          <NumberInput
            {...numberProps}
            label={t('brake')}
            description={t('brakeHelp')}
            {...bounds('brakePerHour')}
            {...form.getInputProps('brakePerHour')}
          />
          <Select
            label={t('country')}
            description={t('countryHelp')}
            inputWrapperOrder={numberProps.inputWrapperOrder}
            searchable
            allowDeselect={false}
            nothingFoundMessage={t('countryNone')}
            data={countries(i18n.language)}
            {...form.getInputProps('defaultCountry')}
          />
          <Select
            label={t('zone')}
            description={t('zoneHelp')}
            inputWrapperOrder={numberProps.inputWrapperOrder}
            searchable
            allowDeselect={false}
            limit={50}
            nothingFoundMessage={t('zoneNone')}
            data={[...new Set([zone, 'UTC', ...Intl.supportedValuesOf('timeZone')])]}
            {...form.getInputProps('zone')}
          />
          <NumberInput
            {...numberProps}
            label={t('reconcile')}
            description={t('reconcileHelp')}
            suffix={` ${t('minutes', { count: Number(form.values.reconcileMinutes) || 0 })}`}
            {...bounds('reconcileMinutes')}
            {...form.getInputProps('reconcileMinutes')}
          />
          <NumberInput
            {...numberProps}
            label={t('history')}
            description={t('historyHelp')}
            suffix={` ${t('days', { count: Number(form.values.historyDays) || 0 })}`}
            {...bounds('historyDays')}
            {...form.getInputProps('historyDays')}
          />
          <NumberInput
            {...numberProps}
            label={t('historySize')}
            description={t('historySizeHelp')}
            suffix={` ${t('megabytes')}`}
            {...bounds('historyMegabytes')}
            {...form.getInputProps('historyMegabytes')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending}>
              {ui('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

type Order = ('label' | 'input' | 'error' | 'description')[];
