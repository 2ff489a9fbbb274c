import { useQuery } from '@tanstack/react-query';
import { flowsApi } from '../../../server/flows/contract.ts';
import { settingsApi } from '../../../server/settings/contract.ts';
import { queryOf } from '../../api.ts';
import { Failure } from '../../ui/failure.tsx';
import { Loading } from '../../ui/loading.tsx';
import { FlowPage } from '../frame/flow-page.tsx';
import { BodiesForm } from './bodies-form.tsx';

/** `/flows/$flowId/settings`: what is set for this flow alone. */
export function FlowSettingsPage() {
  return <FlowPage>{(flow) => <Settings key={flow.id} flowId={flow.id} />}</FlowPage>;
}

function Settings({ flowId }: { flowId: string }) {
  const kept = useQuery({ ...queryOf(flowsApi.getFlowHistory, { params: { id: flowId } }), staleTime: 0 });
  const settings = useQuery(queryOf(settingsApi.getSettings));
  const failed = [kept, settings].find((query) => query.isError);
  if (failed) return <Failure error={failed.error} retry={() => void failed.refetch()} />;
  if (!kept.data || !settings.data) return <Loading rows={3} height={48} />;
  return <BodiesForm flowId={flowId} bodyDays={kept.data.bodyDays} historyDays={settings.data.historyDays} />;
}
