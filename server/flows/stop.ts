import type { ConnectorError } from '../../kit/errors.ts';
import { fill, type Text } from '../../kit/text.ts';
import { maskOf, noMask } from './history/mask.ts';
import type { Settlement } from './settle.ts';
import type { ClaimedRun, Stop, Work } from './work.ts';

/** Retries go on for this long; then the run is given up. Waiting for a person does not count. */
const patienceHours = 24;
/** An app that reads and refuses our writes seems renewed at every read: so often a held run believes it. */
const mostWakes = 3;

/** The kind of a failure decides: reconnect, wait, retry, reject. */
export function stopOf(run: ClaimedRun, input: { failure: ConnectorError; connectionId: string | null }): Stop {
  const { failure, connectionId } = input;
  const reason = {
    code: failure.code,
    text: failure.text,
    ...(failure.field === undefined ? {} : { field: failure.field }),
  };
  switch (failure.kind) {
    case 'reconnect':
      if (run.wakes >= mostWakes) return { state: 'dead', reason: refusedAgain(failure) };
      // Without a connection to renew only time can help.
      return connectionId === null
        ? { state: 'waiting', reason, seconds: backOff(run) }
        : { state: 'held', reason, waitsFor: connectionId };
    case 'rateLimited':
      return { state: 'waiting', reason, seconds: failure.until ? secondsUntil(failure.until) : backOff(run) };
    case 'temporary':
    case 'startOver':
      return isOutOfPatience(run)
        ? { state: 'dead', reason: gaveUp(failure.text) }
        : { state: 'waiting', reason, seconds: backOff(run) };
    case 'noAccess':
      return { state: 'dead', reason };
    case 'rejected':
    case 'gone':
      return { state: 'rejected', reason };
  }
}

const secondsUntil = (time: Date) => Math.max(0.2, (time.getTime() - Date.now()) / 1000);

/** 5 s, 10 s, 20 s … up to an hour, each with up to a half off, so that runs do not come back in step. */
function backOff(run: ClaimedRun): number {
  const seconds = Math.min(3600, 5 * 2 ** run.attempts);
  return seconds * (0.5 + Math.random() / 2);
}

const isOutOfPatience = (run: ClaimedRun): boolean =>
  run.failingSince !== null && run.now().getTime() - run.failingSince.getTime() > patienceHours * 3_600_000;

const gaveUp = (why: Text) => ({
  code: 'gave_up',
  text: fill({ en: 'Given up after a day of tries. {why}', ru: 'Сутки попыток ничего не дали. {why}' }, { why }),
});

const refusedAgain = ({ text: why }: ConnectorError) => ({
  code: 'refused_again',
  text: fill(
    {
      en: 'The connection answers, and yet refuses this run again and again. Check what its account may do, then run it again. {why}',
      ru: 'Подключение отвечает, но эту операцию снова и снова отклоняет. Проверьте права его учётной записи и запустите операцию заново. {why}',
    },
    { why },
  ),
});

/** To wait for another run, or for a record to show, is no failure. */
const orderly = new Set(['key.busy', 'create.under_way', 'record.not_yet']);

/** What a walk writes down when it stops; null: a step is settled and it goes on. */
export function settlementOf(
  work: Pick<Work, 'run' | 'progress' | 'record' | 'effects'> & { plan: Work['plan'] | null },
  stop: Exclude<Stop, { state: 'lost' }> | null,
): Settlement {
  const { run, progress } = work;
  const base = {
    runId: run.id,
    fence: run.fence,
    flowId: run.flowId,
    recordKey: run.recordKey,
    progress,
    record: work.record,
    effects: work.effects,
    payload: run.payload,
    mask: work.plan ? maskOf(work.plan) : noMask,
    reason: stop && 'reason' in stop ? stop.reason : null,
    attempts: run.attempts + (stop ? 1 : 0),
    failingSince: null,
    seconds: null,
    waitsFor: null,
  };
  if (stop === null) return { ...base, state: 'working' };
  switch (stop.state) {
    case 'waiting': {
      const isFailure = !orderly.has(stop.reason.code);
      return {
        ...base,
        state: 'waiting',
        seconds: stop.seconds,
        attempts: run.attempts + (isFailure ? 1 : 0),
        failingSince: isFailure ? (run.failingSince ?? run.now()) : run.failingSince,
      };
    }
    case 'held':
      return { ...base, state: 'waiting', waitsFor: stop.waitsFor, failingSince: run.failingSince };
    default:
      return { ...base, state: stop.state };
  }
}
