import type { settingsApi } from '../../server/settings/contract.ts';
import type { Output } from '../api.ts';

export type Overview = Output<typeof settingsApi.getOverview>;
