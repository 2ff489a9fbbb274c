import { type ConnectionView, connectionsApi } from '../../server/connections/contract.ts';
import { queryClient, queryOf } from '../api.ts';

/** Puts what the server answered on the screen, and asks for the list anew. */
export function keepConnection(connection: ConnectionView): void {
  queryClient.setQueryData(
    queryOf(connectionsApi.getConnection, { params: { id: connection.id } }).queryKey,
    connection,
  );
  void queryClient.invalidateQueries({ queryKey: [connectionsApi.listConnections.path] });
}
