import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Range,
} from 'yaml';
import { z } from 'zod';
import { type JsonValue, jsonSchema } from '../../http/contract.ts';
import { duplicateRule, type FieldTemplate, type FilterGroup, fieldRules, operators } from '../contract.ts';

/** A mistake with its place in the file. */
export interface Mistake {
  line: number;
  column: number;
  text: string;
}

/** Everything that is wrong with a file, one line each; nothing was written. */
export class ApplyError extends Error {
  override name = 'ApplyError';
  readonly mistakes: Mistake[];
  constructor(file: string, mistakes: Mistake[]) {
    const inOrder = [...mistakes].sort((a, b) => a.line - b.line || a.column - b.column);
    super(inOrder.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`).join('\n'));
    this.mistakes = inOrder;
  }
}

export type Path = (string | number)[];

const name = z.string().trim().min(1).max(200);
const settings = z.record(z.string(), jsonSchema).default({});

const fileConnection = z.strictObject({
  name,
  connector: z.string(),
  /** Left out: the app's first way to connect. */
  auth: z.string().optional(),
  fields: settings,
  secrets: z.record(z.string(), z.string()).default({}),
  endpoints: z.record(z.string(), z.string()).default({}),
});
export type FileConnection = z.infer<typeof fileConnection>;

const fileRule = z.strictObject({
  field: z.string().min(1).max(300),
  operator: z.enum(operators),
  value: jsonSchema.optional(),
  by: z.enum(['label', 'id']).optional(),
});
const fileGroup: z.ZodType<FilterGroup> = z.strictObject({
  combinator: z.enum(['and', 'or']).default('and'),
  get rules() {
    return z.array(z.union([fileRule, fileGroup])).max(100);
  },
});

/** As in the contract, or short: text is a template, a number, true, false or null a constant. */
const fileTemplate = z.union([
  z.string().transform((text): FieldTemplate => ({ kind: 'template', text })),
  z.union([z.number(), z.boolean(), z.null()]).transform((value): FieldTemplate => ({ kind: 'constant', value })),
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('template'), text: z.string().max(20_000) }),
    z.strictObject({ kind: z.literal('constant'), value: jsonSchema }),
    z.strictObject({
      kind: z.literal('table'),
      source: z.string().max(2000),
      rows: z.array(z.strictObject({ from: z.coerce.string().max(500), to: jsonSchema })).max(500),
      otherwise: jsonSchema.optional(),
    }),
    z.strictObject({ kind: z.literal('tree'), value: jsonSchema }),
  ]),
]);

const fileFlow = z.strictObject({
  name,
  /** Start it when it does not run. */
  start: z.boolean().default(false),
  trigger: z.strictObject({
    connection: name,
    trigger: z.string(),
    settings,
    mode: z.enum(['realTime', 'poll']),
    everyMinutes: z.number().int().min(1).max(1440).default(5),
    once: z.boolean().default(false),
  }),
  filter: fileGroup.nullable().default(null),
  steps: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[a-z][a-zA-Z0-9_]{0,30}$/)
          .optional(),
        connection: name,
        action: z.string(),
        settings,
        mapping: z.record(z.string(), fileTemplate).default({}),
        duplicates: z
          .strictObject({
            mode: z.enum(['create', 'skip', 'upsert', 'update']),
            keys: z.array(z.strictObject({ field: z.string(), template: z.string() })).default([]),
            several: z.enum(['first', 'newest', 'stop']).default('stop'),
            fields: z.record(z.string(), z.enum(fieldRules)).default({}),
          })
          .default(duplicateRule.parse({ mode: 'create' })),
      }),
    )
    .min(1)
    .max(20),
});
export type FileFlow = z.infer<typeof fileFlow>;

const fileSchema = z.strictObject({
  connections: z.array(fileConnection).default([]),
  flows: z.array(fileFlow).default([]),
});

export interface ParsedFile {
  connections: FileConnection[];
  flows: FileFlow[];
  mistakeAt(path: Path, text: string): Mistake;
}

/** Reads a file: YAML, its shape, `${NAME}` of the environment inside connections. Throws `ApplyError` with every mistake. */
export function parseFile(input: {
  text: string;
  file: string;
  variable: (name: string) => string | undefined;
}): ParsedFile {
  const lines = new LineCounter();
  const document = parseDocument(input.text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    throw new ApplyError(
      input.file,
      document.errors.map(({ pos, message }) => ({ ...place(pos[0]), text: message })),
    );
  }
  const mistakeAt = (path: Path, text: string): Mistake => ({ ...place(offsetOf(document, path)), text });
  const content = (document.toJS({ maxAliasCount: 50 }) ?? {}) as JsonValue;
  const missing: Mistake[] = [];
  const filled = withVariables(content, (path, variable) => {
    const value = input.variable(variable);
    if (value === undefined) missing.push(mistakeAt(path, `The environment has no variable ${variable}.`));
    return value ?? '';
  });
  const parsed = fileSchema.safeParse(filled);
  const mistakes = parsed.success
    ? []
    : parsed.error.issues.flatMap(told).map(({ path, text }) => mistakeAt(path, text));
  if (!parsed.success || missing.length > 0) throw new ApplyError(input.file, [...missing, ...mistakes]);
  return { ...parsed.data, mistakeAt };
}

/** Puts the environment's values into the connections; flows keep their text, since `$` may stand in it. */
function withVariables(content: JsonValue, read: (path: Path, name: string) => string): JsonValue {
  const fill = (value: JsonValue, path: Path): JsonValue => {
    if (typeof value === 'string') return value.replace(/\$\{(\w+)\}/g, (_, variable: string) => read(path, variable));
    if (Array.isArray(value)) return value.map((one, index) => fill(one, [...path, index]));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, [...path, key])]));
  };
  if (content === null || typeof content !== 'object' || Array.isArray(content)) return content;
  return 'connections' in content
    ? { ...content, connections: fill(content.connections ?? null, ['connections']) }
    : content;
}

type Issue = z.core.$ZodIssue;

/** What an issue says, by place. Of a choice between shapes, the shape that came nearest speaks. */
function told(issue: Issue): { path: Path; text: string }[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], text: `Unknown key "${key}".` }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const nearest = [...issue.errors].sort((a, b) => deepest(b) - deepest(a) || a.length - b.length)[0] ?? [];
    return nearest.flatMap((inner) => told({ ...inner, path: [...path, ...inner.path] } as Issue));
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return [{ path, text: `"${String(path.at(-1))}" is missing.` }];
  }
  return [{ path, text: `${path.length === 0 ? 'The file' : `"${String(path.at(-1))}"`}: ${issue.message}.` }];
}

const deepest = (issues: Issue[]): number =>
  Math.max(...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));

/** Where a path stands in the text: at its key; at the nearest thing above when it is not there. */
function offsetOf(document: Document, path: Path): number {
  let node: Node | null | undefined = document.contents as Node | null;
  let range: Range | null | undefined = node?.range;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) break;
      range = (pair.key as Node).range;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = node.items[Number(step)] as Node | undefined;
      if (!node) break;
      range = node.range;
    } else break;
  }
  return range?.[0] ?? 0;
}
