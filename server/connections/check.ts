import { recordCall } from '../../kit/call.ts';
import type { Connector } from '../../kit/connector.ts';
import { asConnectorError } from '../../kit/errors.ts';
import type { FormValues } from '../../kit/form.ts';
import type { Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { connectApi, endpointsOf } from './open.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface Checked {
  label: string;
  identity: string;
  warnings: Text[];
}

/** Asks the other side who we are with the values of a form; throws `ConnectorError` that says which thing is wrong. */
export async function checkForm(
  ctx: Context,
  form: {
    connector: Connector;
    fields: FormValues;
    secrets: Record<string, string>;
    endpoints: Record<string, string>;
  },
): Promise<Checked> {
  try {
    // Whoever checks wants to know now: a pause that the app asked for is over, or the app says so again.
    const endpoints = endpointsOf(form.connector, form.endpoints);
    const bucket = form.connector.limit({ ...form, endpoints });
    if (bucket) await ctx.limiter.lift(bucket.key);
    const api = await connectApi(ctx, { ...form, id: 'trial', revision: 0, passing: true });
    const account = await recordCall({ priority: 'person', exchanges: [], signal: AbortSignal.timeout(30_000) }, () =>
      form.connector.check(api),
    );
    return { label: account.label, identity: account.identity, warnings: account.warnings ?? [] };
  } catch (error) {
    const failure = asConnectorError(error);
    if (failure.code === 'unforeseen') ctx.log.error({ err: error, connector: form.connector.key }, 'a check failed');
    throw withoutSecrets(failure, form.secrets);
  }
}
