export { FlowEditorPage } from './editor/editor-page.tsx';
export { FlowsPage } from './list/flows-page.tsx';
