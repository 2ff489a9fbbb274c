import type { ObjectColumn } from './objects.ts';
import type { Stand } from './stand.ts';

/** `$metadata` of the stand in the words of OData 4 and of OData 3. Nothing in it tells captions or what is required. */

const namespace = 'Terrasoft.Configuration';

const edm = (column: ObjectColumn, time: string): string => {
  switch (column.kind) {
    case 'text':
      return 'Edm.String';
    case 'int':
      return 'Edm.Int32';
    case 'decimal':
      return 'Edm.Decimal';
    case 'boolean':
      return 'Edm.Boolean';
    case 'date':
    case 'datetime':
      return time;
    case 'lookup':
      return 'Edm.Guid';
    case 'stream':
      return 'Edm.Stream';
  }
};

const property = (column: ObjectColumn, time: string): string =>
  `<Property Name="${column.name}" Type="${edm(column, time)}"${column.name === 'Id' ? ' Nullable="false"' : ''}${
    column.kind === 'text' && column.length < 100_000 ? ` MaxLength="${column.length}"` : ''
  }/>`;

const isLookup = (column: ObjectColumn): column is ObjectColumn & { kind: 'lookup' } =>
  column.kind === 'lookup' && column.name !== 'Id';

export function metadata4(stand: Stand): string {
  const types: string[] = [];
  const sets: string[] = [];
  for (const { schema } of stand.tables.values()) {
    const columns = [...schema.columns.values()];
    const navigation = columns
      .filter(isLookup)
      .map(
        ({ name, target }) => `<NavigationProperty Name="${name.slice(0, -2)}" Type="${namespace}.OData.${target}"/>`,
      );
    types.push(
      `<EntityType Name="${schema.name}"><Key><PropertyRef Name="Id"/></Key>${columns
        .map((column) => property(column, 'Edm.DateTimeOffset'))
        .join('')}${navigation.join('')}</EntityType>`,
    );
    sets.push(`<EntitySet Name="${schema.name}" EntityType="${namespace}.OData.${schema.name}"/>`);
  }
  return `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="${namespace}.OData" xmlns="http://docs.oasis-open.org/odata/ns/edm">${types.join('')}<EntityContainer Name="Container">${sets.join('')}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`;
}

export function metadata3(stand: Stand): string {
  const types: string[] = [];
  const associations: string[] = [];
  const sets: string[] = [];
  for (const { schema } of stand.tables.values()) {
    const columns = [...schema.columns.values()].filter((column) => column.kind !== 'stream');
    const navigation = columns.filter(isLookup).map(({ name, target }) => {
      const nav = name.slice(0, -2);
      const association = `${schema.name}_${nav}`;
      associations.push(
        `<Association Name="${association}"><End Role="${nav}" Type="${namespace}.${target}" Multiplicity="0..1"/><End Role="${schema.name}Collection" Type="${namespace}.${schema.name}" Multiplicity="*"/></Association>`,
      );
      return `<NavigationProperty Name="${nav}" Relationship="${namespace}.${association}" FromRole="${schema.name}Collection" ToRole="${nav}"/>`;
    });
    types.push(
      `<EntityType Name="${schema.name}"><Key><PropertyRef Name="Id"/></Key>${columns
        .map((column) => property(column, 'Edm.DateTime'))
        .join('')}${navigation.join('')}</EntityType>`,
    );
    sets.push(`<EntitySet Name="${schema.name}Collection" EntityType="${namespace}.${schema.name}"/>`);
  }
  return `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" m:DataServiceVersion="3.0"><Schema Namespace="${namespace}" xmlns="http://schemas.microsoft.com/ado/2009/11/edm">${types.join('')}${associations.join('')}<EntityContainer Name="Container" m:IsDefaultEntityContainer="true">${sets.join('')}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`;
}
