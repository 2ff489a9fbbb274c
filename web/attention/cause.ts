import type { AttentionGroup, Cause } from '../../server/flows/contract.ts';

/** What names a group to the server. */
export const causeOf = ({ flow, state, code, field }: AttentionGroup): Cause => ({ flow, state, code, field });
