import { readFile } from 'node:fs/promises';
import { type Sandbox, startSandbox } from '../sandbox/testing/sandbox.ts';
import { connectionsApi } from '../server/connections/contract.ts';
import { applyText } from '../server/flows/apply/index.ts';
import { startTestServer, type TestServer } from '../server/testing/index.ts';

export interface DemoWorld {
  server: TestServer;
  sandbox: Sandbox;
  stop(): Promise<void>;
}

const file = new URL('../sandbox/demo.yaml', import.meta.url);

/** The demo company as `npm run demo` makes it, within this process. */
export async function openDemoWorld(): Promise<DemoWorld> {
  const [server, sandbox] = await Promise.all([startTestServer(), startSandbox()]);
  const { world } = sandbox;
  const addresses: Record<string, string> = {
    SANDBOX_BITRIX24: world.bitrix24.url,
    SANDBOX_HUBEX: world.hubex.url,
    SANDBOX_WEBHOOK: world.webhook.url,
    SANDBOX_CREATIO: world.creatio.url,
    SANDBOX_BPMONLINE: world.bpmonline.url,
  };
  const text = await readFile(file, 'utf8');
  await applyText(server.ctx, { text, file: file.pathname, variable: (name) => addresses[name] });
  const connections = await server.call(connectionsApi.listConnections);
  const hookOf = (connector: string): string => {
    const address = connections.find((one) => one.connector === connector)?.hook?.address ?? '';
    return `${server.url}${new URL(address).pathname}`;
  };
  world.setHooks({
    bitrix24: hookOf('bitrix24'),
    hubex: hookOf('hubex'),
    creatio: hookOf('creatio'),
    form: hookOf('webhook'),
  });
  // The first ask of a polled flow only notes from where on it asks.
  await server.processAll();
  return {
    server,
    sandbox,
    async stop() {
      await sandbox.stop();
      await server.stop();
    },
  };
}
