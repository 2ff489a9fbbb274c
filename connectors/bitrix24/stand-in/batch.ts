import qs from 'qs';
import type { Answer, Params } from './methods.ts';
import { Refusal } from './refusal.ts';

/** PHP sends an empty map as `[]`. */
const phpMap = (map: Record<string, unknown>): unknown => (Object.keys(map).length > 0 ? map : []);

function step(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** `$result[first][item][id]` inside a command stands for what an earlier command answered, also amid other text. */
function fill(value: unknown, results: Record<string, unknown>): unknown {
  if (typeof value === 'string') {
    const at = (path: string) =>
      [...path.matchAll(/\[([^\]]+)\]/g)].map(([, key]) => key ?? '').reduce<unknown>(step, results);
    const whole = /^\$result((?:\[[^\]]+\])+)$/.exec(value);
    if (whole) return at(whole[1] ?? '');
    return value.replace(/\$result((?:\[[^\]]+\])+)/g, (_, path: string) => String(at(path) ?? ''));
  }
  if (Array.isArray(value)) return value.map((one) => fill(one, results));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, results)]));
  return value;
}

/** `batch`: answers 200 even when inner calls failed. */
export function runBatch(
  params: Params,
  call: (method: string, params: Params) => Answer,
  time: () => Record<string, unknown>,
): Answer {
  const commands = Object.entries((params.cmd ?? {}) as Record<string, string>);
  if (commands.length > 50) throw new Refusal(400, 'ERROR_BATCH_LENGTH_EXCEEDED', 'Max batch length exceeded');
  const maps: Record<`result${'' | '_error' | '_total' | '_next' | '_time'}`, Record<string, unknown>> = {
    result: {},
    result_error: {},
    result_total: {},
    result_next: {},
    result_time: {},
  };
  for (const [key, command] of commands) {
    const [method = '', query = ''] = command.split(/\?(.*)/s);
    try {
      if (method === 'batch')
        throw new Refusal(405, 'ERROR_BATCH_METHOD_NOT_ALLOWED', 'Method is not allowed for batch usage');
      const parsed = qs.parse(query, { depth: 10, arrayLimit: 1000, parameterLimit: 10_000 });
      const answer = call(method, fill(parsed, maps.result) as Params);
      maps.result[key] = answer.result;
      maps.result_time[key] = time();
      if (answer.total !== undefined) maps.result_total[key] = answer.total;
      if (answer.next !== undefined) maps.result_next[key] = answer.next;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      maps.result_error[key] = { error: error.code, error_description: error.message };
      if (Number(params.halt) === 1) break;
    }
  }
  const result = Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, phpMap(map)]));
  return { result };
}
