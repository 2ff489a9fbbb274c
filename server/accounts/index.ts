/** The door of the accounts room. */
export { ensureApiKey, issueApiKey } from './api-keys.ts';
export { identifyBy } from './identify.ts';
export { resetPassword } from './passwords.ts';
export { routes } from './routes.ts';
export { ensureAdministrator, setupCode } from './setup.ts';
