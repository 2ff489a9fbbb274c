import type { FailureView, Trouble } from './contract.ts';

/** What the end of a code tells, whatever its kind: connectors name their failures so. */
const byCode: [RegExp, Trouble][] = [
  [/[._](other_account)$/, 'otherAccount'],
  [/[._](token_expired|password_expired)$/, 'expired'],
  [
    /[._](wrong_address|bad_address|address|not_rest|not_json|moved|https_only|address_refused|bad_url)$/,
    'wrongAddress',
  ],
  [/[._](overload_limit)$/, 'limited'],
  [/[._](portal_deleted)$/, 'unreachable'],
];

/**
 * What ails a connection, told apart so that each trouble has its next click. Null: the failure says nothing of the
 * connection. HubEx and most others answer the same to a revoked and to an expired key: a day the person wrote down
 * tells them apart.
 */
export function troubleOf(
  failure: Pick<FailureView, 'kind' | 'code'>,
  validUntil: string | null = null,
): Trouble | null {
  const known = byCode.find(([code]) => code.test(failure.code));
  if (known) return known[1];
  switch (failure.kind) {
    case 'reconnect':
      return isPast(validUntil) ? 'expired' : 'revoked';
    case 'noAccess':
      return 'scope';
    case 'rateLimited':
      return 'limited';
    case 'temporary':
      // What broke before there was an answer; `http.502` is an answer.
      return /^http\.[a-z_]+$/.test(failure.code) ? 'unreachable' : 'unwell';
    default:
      return null;
  }
}

/** The day itself is still good. */
export const isPast = (day: string | null, now: Date = new Date()): boolean =>
  day !== null && day < now.toISOString().slice(0, 10);

/** A failure as people see it. */
export const diagnosed = (failure: FailureView, validUntil: string | null = null): FailureView => ({
  ...failure,
  trouble: troubleOf(failure, validUntil),
});
