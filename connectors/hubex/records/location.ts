import { ConnectorError } from '../../../kit/errors.ts';
import type { Field } from '../../../kit/field.ts';
import type { RecordType } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { idOf, present } from './choices.ts';

const fields: Field[] = [
  {
    key: 'address',
    label: { en: 'Address', ru: 'Адрес' },
    type: 'address',
    required: true,
    createOnly: true,
    search: 'normalised',
  },
  {
    key: 'coordinate',
    label: { en: 'Coordinates (latitude:longitude)', ru: 'Координаты (широта:долгота)' },
    type: 'text',
    createOnly: true,
  },
];

/** Two spellings of one address: letter case, ё, spaces and the punctuation between its parts make no difference. */
export const addressKey = (address: string): string =>
  address
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[\s,;]+/g, ' ')
    .replace(/\.(?=\s|$)/g, '')
    .trim();

const memoryKey = (address: string): string => `location:${addressKey(address)}`.slice(0, 500);

/** No source names a search for locations, so we remember which address made which one. */
const remembered = async (api: HubexApi, address: string): Promise<string | null> => {
  const id = await api.connection.memory.get(memoryKey(address));
  return typeof id === 'string' ? id : null;
};

export interface PlaceFound {
  id: string;
  isRemembered: boolean;
}

/** Locations that are being made right now in this process: tasks that come together share the one of their address. */
const underWay = new Map<string, Promise<PlaceFound>>();

/** The location of an address: the remembered one, or a new one. */
export async function locationFor(api: HubexApi, address: string, coordinate?: string): Promise<PlaceFound> {
  if (addressKey(address) === '') throw emptyAddress();
  const key = `${api.connection.id} ${memoryKey(address)}`;
  const found = underWay.get(key) ?? findOrMake(api, address, coordinate).finally(() => underWay.delete(key));
  underWay.set(key, found);
  return found;
}

async function findOrMake(api: HubexApi, address: string, coordinate?: string): Promise<PlaceFound> {
  const known = await remembered(api, address);
  if (known !== null) return { id: known, isRemembered: true };
  const id = await api.createLocation(present({ address: address.trim(), coordinate }));
  await api.connection.memory.set(memoryKey(address), id);
  return { id, isRemembered: false };
}

/** The location of this address is not there any more: the next task with it makes another. */
export const forgetLocation = (api: HubexApi, address: string): Promise<void> =>
  api.connection.memory.set(memoryKey(address), null);

const emptyAddress = (): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'hubex.empty_address',
    field: 'address',
    text: {
      en: 'The address of the location is empty, and HubEx makes none without it. Map an address, or let a filter leave such records out.',
      ru: 'Адрес локации пуст, без него HubEx её не создаёт. Сопоставьте адрес или отсейте такие записи фильтром.',
    },
  });

export const location: RecordType<HubexApi> = {
  key: 'location',
  label: { en: 'Location', ru: 'Локация' },
  labelMany: { en: 'Locations', ru: 'Локации' },
  describe: async () => fields,

  async get(api, id) {
    const found = await api.getLocation(id);
    if (!found || found.deleted !== undefined) return null;
    const { address, coordinate } = found;
    return { id, values: present({ address, coordinate }), ...(address ? { label: address } : {}) };
  },

  /** Only what we made ourselves can be found: HubEx is not known to search locations. */
  async find(api, { where, limit }) {
    const addresses = where.find(({ field }) => field === 'address')?.values ?? [];
    for (const value of addresses) {
      const id = await remembered(api, idOf(value) ?? '');
      const found = id === null ? null : await location.get?.(api, id);
      if (found) return [found].slice(0, limit);
    }
    return [];
  },

  async create(api, { values }) {
    const address = idOf(values.address) ?? '';
    const { id } = await locationFor(api, address, idOf(values.coordinate) ?? undefined);
    return { id, label: address };
  },
  repeat: { kind: 'none' },
};
