export { webIsCurrent } from './hash.mjs';
export function buildWeb(): Promise<void>;
