import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { identifyBy } from './accounts/index.ts';
import type { Context } from './context.ts';

/**
 * `GET /metrics` in the Prometheus format, for whoever has an API key. What concerns the installation is read from the
 * database at each scrape, so every process tells the same; what concerns the process is its own.
 */
export function serveMetrics(app: FastifyInstance, ctx: Context): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'mostik_' });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `mostik_${name}`, help, labelNames, registers: [registry] });
  const runs = gauge('runs', 'Runs in the queue by state; rejected, dead and unknown ones need a person.', ['state']);
  const oldest = gauge('oldest_waiting_run_seconds', 'Age of the oldest run that waits.');
  const flows = gauge('flows', 'Flows by state.', ['state']);
  const ailing = gauge('connections_ailing', 'Connections that fail or must be renewed.');
  const history = gauge('finished_runs_last_hour', 'Runs finished in the last hour by state.', ['state']);
  const identify = identifyBy(ctx);

  app.get('/metrics', { logLevel: 'silent' }, async (request, reply) => {
    const { caller } = await identify(request);
    if (!caller) return reply.code(401).header('www-authenticate', 'Bearer').send('An API key is needed.\n');
    await Promise.all([
      countInto(runs, 'select state, count(*) from runs group by state'),
      countInto(flows, 'select state, count(*) from flows where deleted_at is null group by state'),
      countInto(
        history,
        `select state, count(*) from run_history where created_at > now() - interval '2 hours'
           and finished_at > now() - interval '1 hour' group by state`,
      ),
      readOldest(),
      readAiling(),
    ]);
    return reply.type(registry.contentType).send(await registry.metrics());
  });

  async function countInto(target: Gauge, query: string): Promise<void> {
    const { rows } = await ctx.pool.query<{ state: string; count: string }>(query);
    target.reset();
    for (const { state, count } of rows) target.set({ state }, Number(count));
  }

  async function readOldest(): Promise<void> {
    const { rows } = await ctx.pool.query<{ seconds: string | null }>(
      `select extract(epoch from now() - min(created_at)) as seconds from runs where state in ('queued', 'waiting')`,
    );
    oldest.set(Number(rows[0]?.seconds ?? 0));
  }

  async function readAiling(): Promise<void> {
    const { rows } = await ctx.pool.query<{ count: string }>(
      'select count(*) from connections where needs_reconnect or failure is not null',
    );
    ailing.set(Number(rows[0]?.count ?? 0));
  }
}
