import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Flow, flowsApi } from '../../../server/flows/contract.ts';
import { queryOf } from '../../api.ts';
import { Failure } from '../../ui/failure.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import editor from '../editor/editor.module.css';
import { FlowTabs } from './flow-tabs.tsx';
import classes from './frame.module.css';

/** A page about one flow beside its editor: the same head and tabs. */
export function FlowPage({ children }: { children(flow: Flow): ReactNode }) {
  const { flowId = '' } = useParams({ strict: false }) as { flowId?: string };
  const { t } = useTranslation('flows');
  const flow = useQuery(queryOf(flowsApi.getFlow, { params: { id: flowId } }));
  return (
    <Page
      title={flow.data?.name ?? t('editor.flow')}
      heading={
        flow.data && (
          <span className={editor.name}>
            <span className={editor.nameWords}>{flow.data.name}</span>
            <StateBadge of="flow" state={flow.data.state} />
          </span>
        )
      }
      back={{ to: '/flows', label: t('editor.toFlows') }}
    >
      <div className={classes.page}>
        <FlowTabs flowId={flowId} />
        {flow.error && <Failure error={flow.error} retry={() => void flow.refetch()} />}
        {flow.isPending && !flow.error && <Loading rows={4} height={48} />}
        {flow.data && children(flow.data)}
      </div>
    </Page>
  );
}
