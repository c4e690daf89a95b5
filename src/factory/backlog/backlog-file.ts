import * as z from 'zod';
import { asRecord } from '../../lib/record.ts';
import { projectOrder } from './project-order.ts';

/** What stands in a file of projects, with its places. */
export interface BacklogText {
  value: unknown;
  /** The line of what is at a path (`projects`, 3, `after`), or of the nearest thing around it. */
  lineOf(path: readonly (string | number)[]): number;
}

/** Something that is wrong with a file. */
export interface Fault {
  line: number;
  /** One sentence, with the name of the project where it is about one. */
  message: string;
  /** Which of the file's projects it is about, counted from 0. Missing: the file as a whole. */
  projects?: number[];
}

const entry = projectOrder.extend({
  /** A folder on the machine. */
  sealed: z.string().min(1).optional(),
});
type EntryOrder = z.infer<typeof entry>;

/** One project of a file, with what the defaults give. */
export interface Entry {
  /** Its place in the file, counted from 0. */
  place: number;
  order: EntryOrder;
  line: number;
  lineOf(key: string): number;
}

const defaults = entry.omit({ name: true }).partial();
const file = z.strictObject({
  defaults: z.record(z.string(), z.unknown()).default({}),
  projects: z.array(z.unknown()).min(1).max(10_000),
});

/** Each project of a file by itself, and all that is wrong with what stands there. Pure. */
export function readEntries({ value, lineOf }: BacklogText): {
  entries: Entry[];
  faults: Fault[];
  /** Of each project of the file, those at fault included. */
  names: string[];
} {
  const faults: Fault[] = [];
  const said = (error: z.ZodError, path: readonly (string | number)[], project?: Whose) => {
    for (const issue of error.issues) faults.push(...faultsOf(issue, path, lineOf, project));
  };
  const whole = file.safeParse(value);
  if (!whole.success) {
    said(whole.error, []);
    return { entries: [], faults, names: [] };
  }
  const general = defaults.safeParse(whole.data.defaults);
  if (!general.success) said(general.error, ['defaults']);
  const entries: Entry[] = [];
  const names = whole.data.projects.map(nameOf);
  for (const [place, each] of whole.data.projects.entries()) {
    const path = ['projects', place];
    const name = names[place] ?? '';
    if (typeof each !== 'object' || each === null || Array.isArray(each)) {
      const message = `${name} is not an object with a name and a description`;
      faults.push({ line: lineOf(path), message, projects: [place] });
      continue;
    }
    const parsed = entry.safeParse(general.success ? { ...whole.data.defaults, ...each } : each);
    if (!parsed.success) said(parsed.error, path, { name, place });
    else {
      const at = { line: lineOf(path), lineOf: (key: string) => lineOf([...path, key]) };
      entries.push({ place, order: parsed.data, ...at });
    }
  }
  return { entries, faults: [...faults, ...twice(entries)], names };
}

function nameOf(entry: unknown, place: number): string {
  const name = asRecord(entry)['name'];
  return typeof name === 'string' ? name : `project ${place + 1}`;
}

interface Whose {
  name: string;
  place: number;
}

function faultsOf(
  issue: z.core.$ZodIssue,
  path: readonly (string | number)[],
  lineOf: BacklogText['lineOf'],
  project?: Whose,
): Fault[] {
  const whose = project === undefined ? '' : `${cut(project.name)}: `;
  const about = project === undefined ? {} : { projects: [project.place] };
  const at = [...path, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      line: lineOf([...at, key]),
      message: `${whose}there is no ${JSON.stringify(cut(key))}`,
      ...about,
    }));
  const said =
    issue.code === 'invalid_union' ? issue.errors.flat().find(({ code }) => code === 'custom') : undefined;
  const what = issue.path.join('.');
  const message = `${whose}${what === '' ? '' : `${what}: `}${(said ?? issue).message}`;
  return [{ line: lineOf(at), message, ...about }];
}

function twice(entries: readonly Entry[]): Fault[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ order, lineOf, place }) => {
    const name = order.name.trim();
    const before = first.get(name);
    if (before === undefined) first.set(name, lineOf('name'));
    const message = `${cut(name)}: line ${before} has this name already`;
    return before === undefined ? [] : [{ line: lineOf('name'), message, projects: [place] }];
  });
}

/** Names may be long. */
export function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
