import type { Connector } from '../kit/connector.ts';
import { bitrix24 } from './bitrix24/index.ts';
import { bpmonline, creatio } from './creatio/index.ts';
import { hubex } from './hubex/index.ts';
import { webhook } from './webhook/index.ts';

/** Every app that can be linked, in the order of the shelf. */
export const shelf: Record<string, Connector> = { bitrix24, hubex, creatio, bpmonline, webhook };
