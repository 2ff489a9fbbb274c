export { FlowEditorPage } from './editor/editor-page.tsx';
export { FlowsPage } from './list/flows-page.tsx';
export { FlowPairsPage } from './pairs/pairs-page.tsx';
export { FlowSettingsPage } from './settings/settings-page.tsx';
