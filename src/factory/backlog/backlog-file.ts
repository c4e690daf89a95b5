import * as z from 'zod';
import { type ProjectOrder, projectOrder } from './project-order.ts';

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
}

/** One project of a file, with what the defaults give. */
export interface Entry {
  order: ProjectOrder & { sealed?: string | undefined };
  line: number;
  lineOf(key: string): number;
}

const entry = projectOrder.extend({ sealed: z.string().min(1).optional() });
const defaults = entry.omit({ name: true }).partial();
const file = z.strictObject({
  defaults: z.record(z.string(), z.unknown()).default({}),
  projects: z.array(z.unknown()).min(1).max(10_000),
});

/** Each project of a file by itself, and all that is wrong with what stands there. Pure. */
export function readEntries({ value, lineOf }: BacklogText): { entries: Entry[]; faults: Fault[] } {
  const faults: Fault[] = [];
  const said = (error: z.ZodError, path: readonly (string | number)[], name?: string) => {
    for (const issue of error.issues) faults.push(...faultsOf(issue, path, lineOf, name));
  };
  const whole = file.safeParse(value);
  if (!whole.success) {
    said(whole.error, []);
    return { entries: [], faults };
  }
  const general = defaults.safeParse(whole.data.defaults);
  if (!general.success) said(general.error, ['defaults']);
  const entries: Entry[] = [];
  for (const [index, each] of whole.data.projects.entries()) {
    const path = ['projects', index];
    if (typeof each !== 'object' || each === null || Array.isArray(each)) {
      faults.push({
        line: lineOf(path),
        message: `project ${index + 1} is not an object with a name and a description`,
      });
      continue;
    }
    const parsed = entry.safeParse(general.success ? { ...whole.data.defaults, ...each } : each);
    const name = 'name' in each && typeof each.name === 'string' ? each.name : `project ${index + 1}`;
    if (!parsed.success) said(parsed.error, path, name);
    else entries.push({ order: parsed.data, line: lineOf(path), lineOf: (key) => lineOf([...path, key]) });
  }
  return { entries, faults: [...faults, ...twice(entries)] };
}

function faultsOf(
  issue: z.core.$ZodIssue,
  path: readonly (string | number)[],
  lineOf: BacklogText['lineOf'],
  name?: string,
): Fault[] {
  const whose = name === undefined ? '' : `${cut(name)}: `;
  const at = [...path, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      line: lineOf([...at, key]),
      message: `${whose}there is no ${JSON.stringify(cut(key))}`,
    }));
  const said =
    issue.code === 'invalid_union' ? issue.errors.flat().find(({ code }) => code === 'custom') : undefined;
  const what = issue.path.join('.');
  return [
    { line: lineOf(at), message: `${whose}${what === '' ? '' : `${what}: `}${(said ?? issue).message}` },
  ];
}

function twice(entries: readonly Entry[]): Fault[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ order, lineOf }) => {
    const name = order.name.trim();
    const before = first.get(name);
    if (before === undefined) first.set(name, lineOf('name'));
    return before === undefined
      ? []
      : [{ line: lineOf('name'), message: `${cut(name)}: line ${before} has this name already` }];
  });
}

/** Names may be long. */
export function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
