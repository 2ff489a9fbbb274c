import { inLanguage } from '../../../kit/text.ts';
import type { ConnectorView } from '../../connections/contract.ts';
import { type FlowDraft, flowDraft } from '../contract.ts';
import { findProblems, type Known } from '../problems/problems.ts';
import type { FileConnection, FileFlow, Mistake, ParsedFile, Path } from './file.ts';

/** What is there before a file is applied. */
export interface Present {
  connections: { id: string; name: string; connector: string }[];
  /** By connector key. */
  apps: Record<string, ConnectorView>;
}

/** Everything that can be known to be wrong without writing or calling anything. */
export function checkFile(file: ParsedFile, present: Present): Mistake[] {
  const { connections, flows, mistakeAt } = file;
  const mistakes: Mistake[] = [];
  const say = (path: Path, text: string) => void mistakes.push(mistakeAt(path, text));
  for (const [index, connection] of connections.entries()) {
    sameName(connections, index, (text) => say(['connections', index, 'name'], text));
    checkConnection(connection, present, (path, text) => say(['connections', index, ...path], text));
  }
  const known = knownOf(connections, present);
  for (const [index, flow] of flows.entries()) {
    sameName(flows, index, (text) => say(['flows', index, 'name'], text));
    checkFlow(flow, { file: connections, present, known }, (path, text) => say(['flows', index, ...path], text));
  }
  return mistakes;
}

type Say = (path: Path, text: string) => void;

function sameName(all: { name: string }[], index: number, say: (text: string) => void): void {
  if (all.findIndex(({ name }) => name === all[index]?.name) !== index) say(`"${all[index]?.name}" stands here twice.`);
}

function checkConnection(connection: FileConnection, present: Present, say: Say): void {
  const app = present.apps[connection.connector];
  if (!app)
    return say(
      ['connector'],
      `There is no app "${connection.connector}". Known: ${Object.keys(present.apps).join(', ')}.`,
    );
  const there = present.connections.filter(({ name }) => name === connection.name);
  if (there.length > 1) say(['name'], `Several connections are called "${connection.name}". Rename one first.`);
  if (there.some(({ connector }) => connector !== connection.connector)) {
    say(['connector'], `"${connection.name}" is already a connection to ${there[0]?.connector}.`);
  }
  const auth = authOf(connection, app);
  if (!auth) return say(['auth'], `No such way to connect. Known: ${app.auth.map(({ key }) => key).join(', ')}.`);
  const all = [...auth.fields, ...(app.webhook?.fields ?? [])];
  const keysOf = (secret: boolean) => all.filter(({ type }) => (type === 'secret') === secret).map(({ key }) => key);
  unknownKeys(['fields'], connection.fields, keysOf(false), say);
  unknownKeys(['secrets'], connection.secrets, keysOf(true), say);
  unknownKeys(
    ['endpoints'],
    connection.endpoints,
    app.endpoints.map(({ key }) => key),
    say,
  );
  for (const field of all) {
    const place = field.type === 'secret' ? 'secrets' : 'fields';
    const value = connection[place][field.key];
    const isEmpty = value === undefined || value === null || value === '';
    if (field.required && field.default === undefined && isEmpty) {
      say([place, field.key], `"${field.key}" (${inLanguage(field.label, 'en')}) is missing.`);
    }
  }
}

/** The way to connect that is named, else the app's first. */
export const authOf = (connection: FileConnection, app: ConnectorView): ConnectorView['auth'][number] | undefined =>
  connection.auth === undefined ? app.auth[0] : app.auth.find(({ key }) => key === connection.auth);

function unknownKeys(path: Path, given: Record<string, unknown>, known: string[], say: Say): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      say(
        [...path, key],
        `Unknown key "${key}". ${known.length === 0 ? 'There are none here.' : `Known: ${known.join(', ')}.`}`,
      );
    }
  }
}

/** Connections that are not made yet stand under their name with a made-up id. */
function knownOf(connections: FileConnection[], present: Present): Known {
  const ids = idsByName(connections, present);
  const connectorOf = (name: string) =>
    connections.find((one) => one.name === name)?.connector ??
    present.connections.find((one) => one.name === name)?.connector ??
    '';
  return {
    connections: [...ids].map(([name, id]) => ({ id, connector: connectorOf(name) })),
    apps: present.apps,
    steps: {},
  };
}

const madeUp = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

function idsByName(connections: FileConnection[], present: Present): Map<string, string> {
  const ids = new Map(present.connections.map(({ name, id }) => [name, id]));
  for (const [index, { name }] of connections.entries()) if (!ids.has(name)) ids.set(name, madeUp(index + 1));
  return ids;
}

function checkFlow(
  flow: FileFlow,
  { file, present, known }: { file: FileConnection[]; present: Present; known: Known },
  say: Say,
): void {
  const ids = idsByName(file, present);
  const named: [Path, string][] = [
    [['trigger', 'connection'], flow.trigger.connection],
    ...flow.steps.map(({ connection }, index): [Path, string] => [['steps', index, 'connection'], connection]),
  ];
  const unknown = named.filter(([, name]) => !ids.has(name));
  for (const [path, name] of unknown) say(path, `There is no connection "${name}".`);
  for (const [path, name] of named) {
    const several = present.connections.filter((one) => one.name === name).length > 1;
    if (several) say(path, `Several connections are called "${name}". Rename one first.`);
  }
  if (unknown.length > 0) return;
  const draft = draftOf(flow, ids);
  for (const { card, field, text } of findProblems(draft, known)) {
    say(pathOfProblem(draft, { card, field }), inLanguage(text, 'en'));
  }
}

/** A flow of the file with connections by id, as the contract has it. */
export function draftOf(flow: FileFlow, ids: Map<string, string>): FlowDraft {
  const { trigger, filter, steps } = flow;
  return flowDraft.parse({
    trigger: { ...trigger, connection: ids.get(trigger.connection) },
    filter,
    steps: steps.map((step, index) => ({
      ...step,
      id: step.id ?? `a${index + 1}`,
      connection: ids.get(step.connection),
    })),
  });
}

/** Where a problem of a card stands in the flow's part of the file. */
export function pathOfProblem(draft: FlowDraft, problem: { card: string; field?: string | undefined }): Path {
  const index = draft.steps.findIndex(({ id }) => id === problem.card);
  if (index === -1) {
    const setting = problem.card === 'trigger' && problem.field !== undefined ? ['settings', problem.field] : [];
    return [problem.card, ...setting];
  }
  const step: Path = ['steps', index];
  const { field } = problem;
  if (field === undefined) return step;
  const { mapping, duplicates } = draft.steps[index] ?? {};
  if (mapping && Object.hasOwn(mapping, field)) return [...step, 'mapping', field];
  const key = duplicates?.keys.findIndex((one) => one.field === field) ?? -1;
  return key === -1 ? [...step, 'mapping'] : [...step, 'duplicates', 'keys', key];
}
