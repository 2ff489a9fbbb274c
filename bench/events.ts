/** One event of the benchmark; four of five pass the filter. `bytes` fills the comment up. */
export function eventOf(run: string, n: number, bytes = 1000): string {
  const event = {
    id: `${run}-${n}`,
    name: `Клиент ${n}`,
    email: `client-${run}-${n}@example.com`,
    phone: `+7999${String(n % 10_000_000).padStart(7, '0')}`,
    amount: n % 1000,
    stage: n % 5 === 0 ? 'sales' : 'service',
    comment: '',
  };
  return JSON.stringify({ ...event, comment: 'x'.repeat(Math.max(0, bytes - JSON.stringify(event).length)) });
}

export const passes = (n: number): boolean => n % 5 !== 0;
