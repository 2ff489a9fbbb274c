import type { FieldView } from '../../../server/connections/contract.ts';
import type { FieldTemplate } from '../../../server/flows/contract.ts';

export type Kind = FieldTemplate['kind'];

const fixed = new Set<FieldView['type']>(['boolean', 'number', 'date', 'datetime']);
const chosen = (field: FieldView) => (field.choices?.length ?? 0) > 0;

/** Ways to fill a field, the likeliest first. A text needs no constant: it can be typed beside the chips. */
export function kindsOf(field: FieldView): Kind[] {
  if (field.type === 'json') return ['tree', 'template'];
  if (field.type === 'file') return ['template'];
  if (chosen(field)) return ['constant', 'table', 'template'];
  if (field.type === 'boolean') return ['constant', 'template', 'table'];
  if (fixed.has(field.type)) return ['template', 'constant', 'table'];
  return ['template', 'table'];
}

export function emptyOf(kind: Kind): FieldTemplate {
  switch (kind) {
    case 'template':
      return { kind, text: '' };
    case 'constant':
      return { kind, value: null };
    case 'table':
      return { kind, source: '', rows: [] };
    case 'tree':
      return { kind, value: {} };
  }
}
