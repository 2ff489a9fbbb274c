/** What Mostik did to a record, so that a newcomer sees it happen. */
export interface Mark {
  how: 'created' | 'changed';
  at: number;
}

export interface Watch {
  notice(): void;
  mark(key: string): Mark | null;
  /** Does what a person does to the named record; null: to a new one, which is made at once. */
  quietly<T>(key: string | null, work: () => T | Promise<T>): Promise<T>;
}

/** Tells what Mostik did from what was done on the page: everything that changed by itself was Mostik. `now`: all records as text, by key. */
export function createWatch(now: () => Map<string, string>): Watch {
  const seen = new Map<string, string>();
  const marks = new Map<string, Mark>();
  const byPerson = new Set<string>();
  for (const [key, text] of now()) seen.set(key, text);

  function notice(): void {
    for (const [key, text] of now()) {
      const before = seen.get(key);
      if (before === text || byPerson.has(key)) continue;
      seen.set(key, text);
      marks.set(key, { how: before === undefined ? 'created' : 'changed', at: Date.now() });
    }
  }

  return {
    notice,
    mark: (key) => marks.get(key) ?? null,
    async quietly(key, work) {
      if (key !== null) byPerson.add(key);
      try {
        const working = work();
        // Everything new right after the call is the person's.
        if (key === null) for (const [one, text] of now()) if (!seen.has(one)) seen.set(one, text);
        return await working;
      } finally {
        if (key !== null) {
          byPerson.delete(key);
          const text = now().get(key);
          if (text !== undefined) seen.set(key, text);
          marks.delete(key);
        }
      }
    },
  };
}
