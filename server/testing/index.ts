/** The door of the test harness: real PostgreSQL, the whole server, real processes. */
export { type Call, CallRefused, callerOf } from './call.ts';
export { createTestDatabase, type TestDatabase } from './database.ts';
export { eventually } from './eventually.ts';
export { freePort, isFree, type ServerProcess, spawnServer } from './process.ts';
export { administrator, startTestServer, type TestServer, type TestServerOptions } from './server.ts';
