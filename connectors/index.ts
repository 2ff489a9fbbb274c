import type { Connector } from '../kit/connector.ts';
import { webhook } from './webhook/index.ts';

/** Every app that can be linked, in the order of the shelf. */
export const shelf: Record<string, Connector> = { webhook };
