/** What an event must lead to, when it is accepted. */
export interface Expected {
  id: string;
  /** The record it is about; two events may be about one client. */
  client: string;
  /** `record`: the target has the client's record afterwards. */
  outcome: 'record' | 'filtered' | 'rejected';
}

/** The n-th event: one of five does not pass the filter, a few cannot be mapped, one of ten is about the client before. */
export function expectedOf(n: number): Expected {
  const outcome = n % 5 === 0 ? 'filtered' : n % 25 === 12 ? 'rejected' : 'record';
  return { id: `e${n}`, client: `c${n % 10 === 7 ? n - 1 : n}`, outcome };
}

/** The body that its sender posts. */
export function bodyOf(n: number): string {
  const { id, client, outcome } = expectedOf(n);
  return JSON.stringify({
    id,
    client,
    name: `Клиент ${client}`,
    email: `${client}@example.com`,
    amount: outcome === 'rejected' ? 'много' : n % 1000,
    stage: outcome === 'filtered' ? 'sales' : 'service',
    comment: 'x'.repeat(400),
  });
}
