import { describe, expect, it, vi } from 'vitest';
import { recordCall } from '../../kit/call.ts';
import type { Connector } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import { createDiscovery } from './discovery.ts';

/** An account whose objects come and go. */
function account(keys: string[]) {
  const looks: boolean[] = [];
  const state = { keys, down: false, wait: Promise.resolve() };
  const discover: Connector['discover'] = async (_api, options) => {
    looks.push(options?.fresh ?? false);
    await state.wait;
    if (state.down) throw new ConnectorError({ kind: 'temporary', code: 'down', text: 'down' });
    return state.keys.map((key) => ({
      key,
      label: key,
      labelMany: key,
      describe: async () => [],
      repeat: { kind: 'none' },
    }));
  };
  return { state, looks, discovery: createDiscovery({ discover } as Connector, null) };
}

const later = async (minutes: number, work: () => Promise<void>): Promise<void> => {
  const at = Date.now() + minutes * 60_000;
  vi.spyOn(Date, 'now').mockReturnValue(at);
  await work().finally(() => vi.restoreAllMocks());
};

describe('objects that only an account has', () => {
  it('are asked for once by all who ask at the same moment, in the order of the connector', async () => {
    const { discovery, looks } = account(['UsrB', 'UsrA']);
    const [all, one] = await Promise.all([discovery.all(), discovery.find('UsrA')]);
    expect(all.map(({ key }) => key)).toEqual(['UsrB', 'UsrA']);
    expect(one?.key).toBe('UsrA');
    expect(looks).toEqual([false]);
  });

  it('one that is missed is looked for anew once, not at every ask', async () => {
    const { discovery, looks, state } = account(['UsrA']);
    await discovery.all();
    state.keys = ['UsrA', 'UsrNew'];
    expect((await discovery.find('UsrNew'))?.key).toBe('UsrNew');
    expect(await discovery.find('UsrNone')).toBeUndefined();
    expect(await discovery.find('UsrNone')).toBeUndefined();
    expect(looks).toEqual([false, true]);
  });

  it('are as they were known while the account does not answer; what is missed is not called gone then', async () => {
    const { discovery, state } = account(['UsrA']);
    await discovery.all();
    state.down = true;
    await later(5, async () => {
      expect((await discovery.find('UsrA'))?.key).toBe('UsrA');
      await expect(discovery.find('UsrNew')).rejects.toMatchObject({ code: 'down' });
      await expect(discovery.all(true)).rejects.toMatchObject({ code: 'down' });
    });
    state.down = false;
    state.keys = ['UsrB'];
    await later(10, async () => expect((await discovery.all()).map(({ key }) => key)).toEqual(['UsrB']));
  });

  it('come even when the one who asked first has lost patience', async () => {
    const { discovery, looks, state } = account(['UsrA']);
    let answer = (): void => {};
    state.wait = new Promise((resolve) => {
      answer = resolve;
    });
    const impatient = new AbortController();
    const asked = recordCall({ priority: 'person', exchanges: [], signal: impatient.signal }, () => discovery.all());
    impatient.abort();
    await expect(asked).rejects.toMatchObject({ code: 'connection.still_listing', kind: 'temporary' });
    answer();
    expect((await discovery.find('UsrA'))?.key).toBe('UsrA');
    expect(looks).toEqual([false]);
  });
});
