import { z } from 'zod';
import type { World } from './world.ts';

/** What a person can do on the page; `caught` is what the brackets of the path caught. */
export interface Action {
  method: 'POST' | 'PATCH' | 'PUT';
  path: RegExp;
  run(world: World, input: { caught: string[]; body: unknown }): unknown;
}

/** A text field of a form. */
export const text = z.string().trim().max(2000);
