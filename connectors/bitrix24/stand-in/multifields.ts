import type { Item, Multifield, Portal } from './portal.ts';

/** `fm` of crm.item.* only adds, whatever id is sent (object-fields.md); a map keyed by ids is accepted like a list. */
export function addMultifields(portal: Portal, item: Item, sent: unknown): void {
  const rows = Object.values((sent ?? {}) as Record<string, Partial<Multifield>>);
  item.fm ??= [];
  for (const row of rows) {
    if (!row.value) continue;
    item.fm.push({
      id: portal.nextId++,
      typeId: row.typeId ?? 'PHONE',
      valueType: row.valueType ?? 'WORK',
      value: row.value,
    });
  }
}

export function countMultifields(item: Item): void {
  if (!item.fm) return;
  const first = (typeId: string, valueType?: string) =>
    item.fm?.find((row) => row.typeId === typeId && (!valueType || row.valueType === valueType))?.value ?? '';
  item.hasPhone = first('PHONE') ? 'Y' : 'N';
  item.hasEmail = first('EMAIL') ? 'Y' : 'N';
  Object.assign(item, {
    phone: first('PHONE'),
    phoneWork: first('PHONE', 'WORK'),
    phoneMobile: first('PHONE', 'MOBILE'),
    email: first('EMAIL'),
    emailWork: first('EMAIL', 'WORK'),
  });
}

export function changeMultifield(portal: Portal, item: Item, typeId: string, sent: Record<string, unknown>): void {
  const rows = (item.fm ??= []);
  const known = rows.find((row) => row.id === Number(sent.ID) && row.typeId === typeId);
  const value = String(sent.VALUE ?? '');
  if (known && (sent.DELETE === 'Y' || value === '')) rows.splice(rows.indexOf(known), 1);
  else if (known) Object.assign(known, { value, valueType: sent.VALUE_TYPE ?? known.valueType });
  else if (value) rows.push({ id: portal.nextId++, typeId, valueType: String(sent.VALUE_TYPE ?? 'WORK'), value });
}
