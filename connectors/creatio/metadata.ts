import { StringDecoder } from 'node:string_decoder';
import { SaxesParser } from 'saxes';

export interface Column {
  name: string;
  /** `Edm.String`. */
  type: string;
  maxLength?: number;
}

/** An object of the stand as `$metadata` tells of it. */
export interface Entity {
  name: string;
  columns: Column[];
  /** Navigation to one record: name of the lookup → object it points to. */
  lookups: Record<string, string>;
}

/** All objects that have a set of their own, by name. */
export type Model = Map<string, Entity>;

interface Draft extends Entity {
  base: string | undefined;
  /** OData 3 names the association and the role instead of the type. */
  roles: { nav: string; association: string; role: string }[];
}

const lastPart = (name: string | undefined): string => (name ?? '').split('.').at(-1) ?? '';

/**
 * Reads `$metadata` piece by piece: on a real stand it has tens of megabytes, of which a picker needs names and types.
 * EDMX 4 (Creatio) and EDMX 1 to 3 (bpm’online) differ only in how a lookup names its target.
 */
export function createModelReader(): { write(chunk: Buffer): void; end(): Model } {
  const decoder = new StringDecoder('utf8');
  const parser = new SaxesParser({ position: false });
  const drafts = new Map<string, Draft>();
  const sets = new Set<string>();
  const associations = new Map<string, Map<string, string>>();
  // Names repeat by the thousand: one string for each.
  const names = new Map<string, string>();
  const one = (name: string): string => {
    const known = names.get(name);
    if (known === undefined) names.set(name, name);
    return known ?? name;
  };
  let draft: Draft | null = null;
  let association: Map<string, string> | null = null;
  let failure: Error | null = null;

  const open: Record<string, (attributes: Record<string, string>) => void> = {
    EntityType({ Name = '', BaseType }) {
      draft = { name: one(Name), columns: [], lookups: {}, roles: [], base: BaseType && lastPart(BaseType) };
      drafts.set(Name, draft);
    },
    Property({ Name = '', Type = 'Edm.String', MaxLength }) {
      const length = Number(MaxLength);
      draft?.columns.push({ name: one(Name), type: one(Type), ...(length > 0 ? { maxLength: length } : {}) });
    },
    NavigationProperty({ Name = '', Type, Relationship, ToRole }) {
      if (!draft) return;
      if (Type !== undefined) {
        if (!Type.startsWith('Collection(')) draft.lookups[one(Name)] = one(lastPart(Type));
      } else if (Relationship !== undefined && ToRole !== undefined) {
        draft.roles.push({ nav: one(Name), association: lastPart(Relationship), role: ToRole });
      }
    },
    Association({ Name = '' }) {
      association = new Map();
      associations.set(Name, association);
    },
    End({ Role = '', Type, Multiplicity }) {
      if (Type !== undefined && Multiplicity !== '*') association?.set(Role, one(lastPart(Type)));
    },
    EntitySet({ EntityType }) {
      if (EntityType !== undefined) sets.add(lastPart(EntityType));
    },
  };
  const close: Record<string, () => void> = {
    EntityType: () => {
      draft = null;
    },
    Association: () => {
      association = null;
    },
  };
  const local = (name: string): string => name.slice(name.indexOf(':') + 1);
  parser.on('opentag', (tag) => open[local(tag.name)]?.(tag.attributes as Record<string, string>));
  parser.on('closetag', (tag) => close[local(tag.name)]?.());
  parser.on('error', (error) => {
    failure ??= error;
  });

  const columnsOf = (entity: Draft, depth = 0): Column[] => {
    const base = entity.base === undefined || depth > 5 ? undefined : drafts.get(entity.base);
    return base ? [...columnsOf(base, depth + 1), ...entity.columns] : entity.columns;
  };
  const lookupsOf = (entity: Draft, depth = 0): Record<string, string> => {
    const base = entity.base === undefined || depth > 5 ? undefined : drafts.get(entity.base);
    const named = entity.roles.flatMap(({ nav, association: name, role }) => {
      const target = associations.get(name)?.get(role);
      return target === undefined ? [] : [[nav, target] as const];
    });
    return { ...(base ? lookupsOf(base, depth + 1) : {}), ...entity.lookups, ...Object.fromEntries(named) };
  };

  return {
    write: (chunk) => void (failure ?? parser.write(decoder.write(chunk))),
    end() {
      if (!failure) parser.write(decoder.end()).close();
      if (failure) throw failure;
      const model: Model = new Map();
      for (const entity of drafts.values()) {
        if (!sets.has(entity.name)) continue;
        model.set(entity.name, { name: entity.name, columns: columnsOf(entity), lookups: lookupsOf(entity) });
      }
      return model;
    },
  };
}
