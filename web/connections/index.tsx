export { ConnectionPage } from './connection.tsx';
export { ConnectionsPage } from './list.tsx';
export { NewConnectionFormPage, NewConnectionPage } from './new.tsx';
