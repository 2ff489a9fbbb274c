import { readFile } from 'node:fs/promises';
import { inLanguage } from '../../../kit/text.ts';
import { environmentVariable } from '../../config.ts';
import {
  addConnection,
  type ConnectionRow,
  changeConnection,
  describeConnector,
  openSecrets,
  readConnections,
} from '../../connections/index.ts';
import type { Context } from '../../context.ts';
import { Problem } from '../../http/problem.ts';
import { type FlowDraft, flowDraft } from '../contract.ts';
import { type FlowRow, readFlows } from '../store.ts';
import { sameJson } from '../values/normalise.ts';
import { createFlow, saveDraft, saveVersion, startFlow } from '../verbs.ts';
import { authOf, checkFile, draftOf, pathOfProblem } from './check.ts';
import { ApplyError, type FileConnection, type FileFlow, type ParsedFile, parseFile } from './file.ts';

export { ApplyError };

/** What became of one item of the file. */
export interface Applied {
  kind: 'connection' | 'flow';
  name: string;
  outcome: 'created' | 'updated' | 'unchanged';
  /** A flow that was started now, or why it was not. */
  note?: string;
}

/** Makes connections and flows as the file says. Doing it again changes nothing. Nothing is written while the file has mistakes. */
export async function applyFile(ctx: Context, path: string): Promise<Applied[]> {
  return applyText(ctx, { text: await readFile(path, 'utf8'), file: path });
}

/** The same for a text; `file` is the name its mistakes are told under. */
export async function applyText(
  ctx: Context,
  input: { text: string; file: string; variable?: (name: string) => string | undefined },
): Promise<Applied[]> {
  const parsed = parseFile({ variable: environmentVariable, ...input });
  const rows = await readConnections(ctx);
  const flows = await readFlows(ctx);
  const apps = Object.fromEntries(Object.values(ctx.shelf).map((one) => [one.key, describeConnector(one)]));
  const mistakes = [...checkFile(parsed, { connections: rows, apps }), ...severalFlows(parsed, flows)];
  if (mistakes.length > 0) throw new ApplyError(input.file, mistakes);
  const by = await firstPerson(ctx);
  const ids = new Map(rows.map(({ name, id }) => [name, id]));
  const applied: Applied[] = [];
  for (const [index, connection] of parsed.connections.entries()) {
    const row = rows.find(({ name }) => name === connection.name);
    const auth = authOf(connection, apps[connection.connector] as NonNullable<(typeof apps)[string]>)?.key ?? '';
    applied.push(
      await orMistake({ parsed, file: input.file, path: ['connections', index] }, async () => {
        const { id, outcome } = await applyConnection(ctx, { connection: { ...connection, auth }, row, by });
        ids.set(connection.name, id);
        return { kind: 'connection', name: connection.name, outcome };
      }),
    );
  }
  for (const [index, flow] of parsed.flows.entries()) {
    const draft = draftOf(flow, ids);
    const row = flows.find(({ name }) => name === flow.name);
    const place = { parsed, file: input.file, path: ['flows', index], draft };
    applied.push(await orMistake(place, () => applyFlow(ctx, { flow, draft, row, by })));
  }
  return applied;
}

function severalFlows({ flows, mistakeAt }: ParsedFile, rows: FlowRow[]) {
  return flows.flatMap(({ name }, index) =>
    rows.filter((row) => row.name === name).length > 1
      ? [mistakeAt(['flows', index, 'name'], `Several flows are called "${name}". Rename one first.`)]
      : [],
  );
}

/** Files are applied in the name of the first person of the installation. */
async function firstPerson(ctx: Context): Promise<string> {
  const person = await ctx.db.selectFrom('people').select('id').orderBy('created_at').limit(1).executeTakeFirst();
  if (person) return person.id;
  throw new Problem({
    status: 409,
    code: 'apply.nobody',
    text: {
      en: 'There is no administrator yet. Set MOSTIK_ADMIN_EMAIL and MOSTIK_ADMIN_PASSWORD and start once, or open the set-up page.',
      ru: 'Администратора ещё нет. Задайте MOSTIK_ADMIN_EMAIL и MOSTIK_ADMIN_PASSWORD и запустите программу или откройте страницу настройки.',
    },
  });
}

/** A refusal of the rooms, told at its line. */
async function orMistake(
  place: { parsed: ParsedFile; file: string; path: (string | number)[]; draft?: FlowDraft },
  work: () => Promise<Applied>,
): Promise<Applied> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { parsed, path, draft } = place;
    const errors = error.errors ?? [];
    const mistakes = errors.map(({ pointer, text }) => {
      const [card = '', field] = pointer.split('/').slice(1);
      const inside = draft ? pathOfProblem(draft, { card, field }) : pointer.split('/').slice(1);
      return parsed.mistakeAt([...path, ...inside], inLanguage(text, 'en'));
    });
    throw new ApplyError(place.file, mistakes.length > 0 ? mistakes : [parsed.mistakeAt(path, error.message)]);
  }
}

async function applyConnection(
  ctx: Context,
  input: { connection: FileConnection & { auth: string }; row: ConnectionRow | undefined; by: string },
): Promise<{ id: string; outcome: Applied['outcome'] }> {
  const { connection, row, by } = input;
  // Unchecked: a file is applied before the other side is up, too; the connection says "never tried" until it works.
  if (!row) return { id: await addConnection(ctx, { form: connection, check: false, by }), outcome: 'created' };
  const { auth, fields, secrets, endpoints } = connection;
  const kept = openSecrets(ctx, row);
  const isSame =
    row.auth === auth &&
    sameJson(row.fields, fields) &&
    sameJson(row.endpoints, endpoints) &&
    Object.entries(secrets).every(([key, value]) => kept[key] === value);
  if (isSame) return { id: row.id, outcome: 'unchanged' };
  await changeConnection(ctx, { id: row.id, change: { auth, fields, secrets, endpoints }, check: false });
  return { id: row.id, outcome: 'updated' };
}

async function applyFlow(
  ctx: Context,
  input: { flow: FileFlow; draft: FlowDraft; row: FlowRow | undefined; by: string },
): Promise<Applied> {
  const { flow, draft, row, by } = input;
  const done = { kind: 'flow' as const, name: flow.name };
  const id = row?.id ?? (await createFlow(ctx, { name: flow.name, draft, by }));
  const isSame = row !== undefined && sameJson(row.definition, draft) && sameJson(flowDraft.parse(row.draft), draft);
  if (row && !isSame) await saveDraft(ctx, { id, draft });
  const outcome = row ? (isSame ? 'unchanged' : 'updated') : 'created';
  const starts = flow.start && (row?.state ?? 'stopped') === 'stopped';
  // Starting saves the version itself.
  if (!isSame && !starts) await saveVersion(ctx, { id, by });
  if (starts) return { ...done, outcome, note: await startStopped(ctx, { id, by }) };
  // Why we paused it is a question for a person.
  return flow.start && row?.state === 'paused'
    ? { ...done, outcome, note: 'paused: open it to see why' }
    : { ...done, outcome };
}

/** What came while it was stopped is a question for a person as well. */
async function startStopped(ctx: Context, input: { id: string; by: string }): Promise<string> {
  try {
    await startFlow(ctx, input);
    return 'started';
  } catch (error) {
    if (error instanceof Problem && error.code === 'flow.missed') return `not started: ${error.message}`;
    throw error;
  }
}

/** One line for the terminal: `flow "Deals to tasks": created, started`. */
export const appliedLine = ({ kind, name, outcome, note }: Applied): string =>
  `${kind} "${name}": ${outcome}${note === undefined ? '' : `, ${note}`}`;
