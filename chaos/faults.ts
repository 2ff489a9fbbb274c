/** How a target may fail a call. All but `429` may have done what was asked. */
export const faultKinds = ['429', '500', 'garbage', 'nothing', 'close'] as const;
export type Fault = (typeof faultKinds)[number];

export interface Faults {
  seed: number;
  /** Of all calls, 0 to 1. */
  share: number;
  kinds: readonly Fault[];
  /** Every call takes up to this long. */
  slowMs: number;
}
