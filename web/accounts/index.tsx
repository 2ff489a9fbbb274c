export { ApiKeysPage } from './api-keys.tsx';
export { ProfilePage } from './profile.tsx';
