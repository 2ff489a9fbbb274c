import { entityRecord } from '../records/entity.ts';

/** The record types of the shelf, with their own Api type. */
export const contact = entityRecord('Contact', { hasChanges: true });
export const account = entityRecord('Account', { hasChanges: true });
export const lead = entityRecord('Lead', { hasChanges: true });
export const caseRecord = entityRecord('Case', { hasChanges: true });
