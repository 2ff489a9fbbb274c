/** Background work that is not a run: cron, retention, health, alerts to send. pg-boss behind a small door. */
export interface Jobs {
  /** Registers what a queue does; on a `work` process it is then worked. */
  work(queue: string, handler: (data: unknown) => Promise<void>): void;
  /** Runs `queue` by cron (UTC), once over all processes. */
  schedule(queue: string, cron: string): void;
  send(queue: string, data: object): Promise<void>;
  start(options: { works: boolean }): Promise<void>;
  stop(): Promise<void>;
}
