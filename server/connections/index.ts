/** The door of the connections room. */
export { keepCaught } from './caught.ts';
export { troubleOf } from './doctor.ts';
export { actionFields, fieldFinder, fieldsOf, triggerFields } from './fields.ts';
export { noteFailure, noteWorked } from './health.ts';
export { registerConnectionJobs } from './jobs.ts';
export { actionOf, gone, goneText, triggerOf } from './offers.ts';
export { type OpenConnection, openConnection } from './open.ts';
export { createLoader, type Loader, loadReferences } from './references.ts';
export { asked, routes } from './routes.ts';
export { type Sample, samplesOf } from './samples.ts';
export { addConnection, changeConnection } from './save.ts';
export { describeConnector, viewAction, viewTrigger } from './shelf.ts';
export { type ConnectionRow, openSecrets, readConnectionByHook, readConnections, writeHookCall } from './store.ts';
export { endsSoon } from './validity.ts';
export { healthOf, hookAddress } from './views.ts';
