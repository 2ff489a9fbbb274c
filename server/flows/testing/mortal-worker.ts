import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { openContext, type Running, startRoles } from '../../main.ts';
import type { Office } from './office.ts';

/** A worker that can lose its database from one moment to the next, as a killed process does. */
export interface MortalWorker {
  drain: Running['drain'];
  /** Nothing it does from now on is written down; transactions are broken off. */
  die(): Promise<void>;
  stop(): Promise<void>;
}

/** Works on the runs of an office that only answers HTTP, over a wire that can be cut. */
export async function startMortalWorker(office: Office): Promise<MortalWorker> {
  const { ctx } = office.server;
  const wire = await openWire(new URL(ctx.config.databaseUrl ?? ''));
  const { ctx: own, close } = await openContext({ config: ctx.config, databaseUrl: wire.url, log: ctx.log });
  const running = await startRoles(own, { serves: false, works: true }, { jobs: false });
  return {
    drain: running.drain,
    async die() {
      await wire.cut();
      // It cannot say good-bye to the database any more.
      void running
        .stop()
        .then(close, close)
        .catch(() => {});
    },
    async stop() {
      await running.stop();
      await close();
      await wire.cut();
    },
  };
}

/** A wire to the database of its own. */
async function openWire(database: URL): Promise<{ url: string; cut(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    return socket;
  };
  const server = createServer((near) => {
    const far = keep(connect(Number(database.port || 5432), database.hostname));
    keep(near).pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(database);
  // Past the socket, which cannot be cut.
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    async cut() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
