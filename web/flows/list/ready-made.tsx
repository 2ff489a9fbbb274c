import { Group, SimpleGrid, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowRight, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { flowsApi } from '../../../server/flows/contract.ts';
import { call, queryOf } from '../../api.ts';
import { AppMark } from '../../ui/app-mark.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Loading } from '../../ui/loading.tsx';
import { useText } from '../../ui/text.ts';
import classes from './list.module.css';

/** Ready-made flows, one click each, and one from scratch. */
export function ReadyMade() {
  const { t } = useTranslation('flows');
  const text = useText();
  const navigate = useNavigate();
  const client = useQueryClient();
  const templates = useQuery({ ...queryOf(flowsApi.listTemplates), staleTime: Number.POSITIVE_INFINITY });
  const make = useMutation({
    mutationFn: (body: { name: string; template?: string }) => call(flowsApi.postFlow, { body }),
    onSuccess: (flow) => {
      client.setQueryData(queryOf(flowsApi.getFlow, { params: { id: flow.id } }).queryKey, flow);
      void client.invalidateQueries({ queryKey: [flowsApi.listFlows.path] });
      void navigate({ to: '/flows/$flowId', params: { flowId: flow.id } });
    },
  });
  return (
    <Stack gap={12} w="100%" maw={760}>
      {make.error && <Failure error={make.error} />}
      {templates.error && <Failure error={templates.error} retry={() => void templates.refetch()} />}
      {templates.isPending && <Loading rows={2} height={96} />}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={12} verticalSpacing={12}>
        {templates.data?.map((template) => (
          <UnstyledButton
            key={template.key}
            className={classes.ready}
            disabled={make.isPending}
            onClick={() => make.mutate({ name: text(template.name), template: template.key })}
          >
            <Group gap={6} mb={6}>
              {template.apps.map((app, index) => (
                <Group key={`${app} ${index}`} gap={6}>
                  {index > 0 && <IconArrowRight size={14} aria-hidden />}
                  <AppMark app={app} size={24} />
                </Group>
              ))}
            </Group>
            <Text fw={600}>{text(template.name)}</Text>
            <Text size="sm" c="dimmed">
              {text(template.about)}
            </Text>
          </UnstyledButton>
        ))}
        <UnstyledButton
          className={classes.ready}
          disabled={make.isPending}
          onClick={() => make.mutate({ name: t('list.newName') })}
        >
          <Group gap={6} mb={6} h={24}>
            <IconPlus size={20} aria-hidden />
          </Group>
          <Text fw={600}>{t('ready.scratch')}</Text>
          <Text size="sm" c="dimmed">
            {t('ready.scratchAbout')}
          </Text>
        </UnstyledButton>
      </SimpleGrid>
    </Stack>
  );
}
