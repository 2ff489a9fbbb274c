/** The door of the connections room. */
export { keepCaught } from './caught.ts';
export { actionFields, actionOf, fieldFinder, fieldsOf, triggerFields, triggerOf } from './fields.ts';
export { noteFailure, noteWorked } from './health.ts';
export { type OpenConnection, openConnection } from './open.ts';
export { createLoader, type Loader, loadReferences } from './references.ts';
export { asked, routes } from './routes.ts';
export { type Sample, samplesOf } from './samples.ts';
export { describeConnector } from './shelf.ts';
export { addConnection, changeConnection } from './save.ts';
export { type ConnectionRow, openSecrets, readConnectionByHook, readConnections, writeHookCall } from './store.ts';
export { healthOf, hookAddress } from './views.ts';
