import { ActionIcon, Group, Select, Text, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Failure } from '../../ui/failure.tsx';
import { useEditor } from './context.ts';

/** The recent record whose values show in the picker and in the results. */
export function SampleChooser() {
  const { source } = useEditor();
  const { t } = useTranslation('flows');
  if (source.error) return <Failure error={source.error} retry={source.refresh} attention />;
  return (
    <div>
      <Group gap={8} align="flex-end" wrap="nowrap">
        <Select
          flex={1}
          maw={480}
          label={t('sample.label')}
          placeholder={t(source.samplesPending ? 'sample.loading' : 'sample.none')}
          disabled={source.samples.length === 0}
          searchable
          allowDeselect={false}
          data={source.samples.map((each) => ({ value: each.id, label: each.label || each.id }))}
          value={source.sample?.id ?? null}
          onChange={(id) => id && source.choose(id)}
        />
        <Tooltip label={t('sample.refresh')}>
          <ActionIcon variant="default" size={36} aria-label={t('sample.refresh')} onClick={source.refresh}>
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {!source.samplesPending && source.samples.length === 0 && (
        <Text size="sm" c="dimmed" mt={4}>
          {t('sample.noneMore')}
        </Text>
      )}
    </div>
  );
}
