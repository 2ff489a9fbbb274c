import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Flow, flowsApi } from '../../../server/flows/contract.ts';
import { queryOf } from '../../api.ts';
import { Failure } from '../../ui/failure.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { useCatalog } from './catalog.ts';
import { FlowEditor } from './flow-editor.tsx';

/** `/flows/$flowId` */
export function FlowEditorPage() {
  const { flowId = '' } = useParams({ strict: false }) as { flowId?: string };
  const { t } = useTranslation('flows');
  const flow = useQuery({ ...queryOf(flowsApi.getFlow, { params: { id: flowId } }), staleTime: 0 });
  const { catalog, error, refetch } = useCatalog();
  const failure = flow.error ?? error;
  if (flow.data && catalog) return <FlowEditor key={flowId} flow={flow.data satisfies Flow} catalog={catalog} />;
  return (
    <Page title={t('editor.flow')} back={{ to: '/flows', label: t('editor.toFlows') }}>
      {failure ? (
        <Failure
          error={failure}
          retry={() => {
            void flow.refetch();
            refetch();
          }}
        />
      ) : (
        <Loading rows={3} height={64} />
      )}
    </Page>
  );
}
