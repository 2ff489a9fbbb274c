import { TextInput, UnstyledButton } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Flow, flowsApi } from '../../../server/flows/contract.ts';
import { call, queryOf } from '../../api.ts';
import { tellFailure } from '../../ui/notify.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import classes from './editor.module.css';
import type { DraftKeeper } from './use-draft.ts';

/** The name, edited in its place, and the state. */
export function FlowName({ flow, keeper }: { flow: Flow; keeper: DraftKeeper }) {
  const { t } = useTranslation('flows');
  const client = useQueryClient();
  const [name, setName] = useState<string | null>(null);
  const rename = useMutation({
    mutationFn: async (next: string) => {
      await keeper.flush();
      return call(flowsApi.patchFlow, { params: { id: flow.id }, body: { name: next } });
    },
    onSuccess: (fresh) => {
      client.setQueryData(queryOf(flowsApi.getFlow, { params: { id: flow.id } }).queryKey, fresh);
      void client.invalidateQueries({ queryKey: [flowsApi.listFlows.path] });
    },
    onError: tellFailure,
  });
  const done = () => {
    const next = name?.trim();
    setName(null);
    if (next && next !== flow.name) rename.mutate(next);
  };
  if (name !== null)
    return (
      <TextInput
        className={classes.nameInput}
        aria-label={t('editor.name')}
        autoFocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === 'Enter') done();
          if (event.key === 'Escape') setName(null);
        }}
      />
    );
  return (
    <span className={classes.name}>
      <UnstyledButton className={classes.nameWords} title={t('editor.rename')} onClick={() => setName(flow.name)}>
        {rename.isPending ? rename.variables : flow.name}
      </UnstyledButton>
      <StateBadge of="flow" state={flow.state} />
    </span>
  );
}
