export { AttentionPage } from './attention-page.tsx';
