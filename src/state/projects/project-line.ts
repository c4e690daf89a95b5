/** One line of the project index. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { notedActiveTime } from '../../factory/model/active-time.ts';
import { figuresMove, type Project, project as projectSchema } from '../../factory/model/project.ts';
import { lacksTurn, turnOrder } from '../../factory/model/turn.ts';
import type { ProjectSummary } from '../../factory/ports.ts';
import type { FileKey } from '../files/files.ts';

export interface IndexLine {
  id: string;
  /** It needed no attention any more (`needsAttention`). */
  closed: boolean;
  /** As written; see `keyOf`. */
  key: string;
  /** What was kept of the rest; see `projectOf` and `summaryOf`. */
  body: string;
}

/** What the summary of a line is made of; another one is another form. */
const SUMMARY =
  'object: id name status stopped createdAt totalCost workBranch moves repository parent tasks reason active updated waiting turn published unpublished';

/**
 * Names the schema that projects are read with. A program with another schema may see more in a document, so lines of
 * another form do not count.
 */
export function projectForm(): string {
  const described =
    SUMMARY + JSON.stringify(z.toJSONSchema(projectSchema, { unrepresentable: 'any', io: 'input' }));
  return createHash('sha256').update(described).digest('hex').slice(0, 12);
}

/** `<id> <form> <open|closed> <inode> <modified> <size> <JSON of the summary><tab><JSON {project, dates}>` */
export function formatLine(project: Project, form: string, closed: boolean, key: FileKey): string {
  const head = `${project.id} ${form} ${closed ? 'closed' : 'open'} ${key.inode} ${key.modifiedNs} ${key.size}`;
  const summary = JSON.stringify([summarize(project)]);
  return `${head} ${summary}\t${JSON.stringify({ project, dates: datePaths(project, []) })}\n`;
}

/** Longer reasons are cut: a list shows one line of them. */
const REASON = 200;

export function summarize(project: Project): ProjectSummary {
  const { id, name, status, stopped, createdAt, updatedAt, totalCost, workBranch, repository } = project;
  const { parentProjectId, taskCounts, statusReason } = project;
  const waiting = lacksTurn(project) ? project.waiting : undefined;
  return {
    ...{
      id,
      name,
      status,
      stopped,
      createdAt,
      updatedAt,
      totalCost,
      workBranch,
      repository,
      parentProjectId,
      taskCounts,
    },
    statusReason: statusReason?.slice(0, REASON),
    activeMs: notedActiveTime(project),
    moves: figuresMove(project),
    ...(waiting === undefined
      ? {}
      : { waiting: { for: waiting.for, detail: waiting.detail.slice(0, REASON) } }),
    ...(project.publication === undefined ? {} : { published: project.publication.url }),
    ...(project.unpublished === undefined ? {} : { unpublished: true }),
    ...(waiting?.for === 'turn' ? { turnOrder: turnOrder(project) } : {}),
  };
}

/** All lines about this project before this one no longer count. */
export function formatMark(id: string): string {
  return `${id} changed\n`;
}

const HEAD = /^([0-9a-f-]{36}) (?:([0-9a-f]{12}) (open|closed) (\d+ \d+ \d+) (?=\[)|changed$)/;

/** What of a line is kept in memory: its key alone, with the summary, or with the project too. */
export type Kept = 'keys' | 'summaries' | 'projects';

/** The text of a line as far as it is kept: a summary is a small part of the whole, and making texts costs most of the reading. */
export function keptOf(line: Buffer, keep: Kept): string {
  const tab = keep === 'projects' ? -1 : line.indexOf(0x09);
  return line.toString('utf8', 0, tab === -1 ? line.length : tab);
}

/** @returns a line, the id that a mark is about, or `null` for a line that is damaged or of another form */
export function parseLine(text: string, form: string, keep: Kept): IndexLine | string | null {
  const head = HEAD.exec(text);
  if (head === null) return null;
  const [matched, id = '', itsForm, state, key] = head;
  if (key === undefined) return id;
  if (itsForm !== form) return null;
  // Nothing is read yet: of ten thousand lines few are asked for all that they hold.
  return { id, closed: state === 'closed', key, body: keep === 'keys' ? '' : text.slice(matched.length) };
}

/** The key of the project.yaml that was read. */
export function keyOf({ key }: IndexLine): FileKey {
  const [inode = '', modified = '', size] = key.split(' ');
  return { inode: BigInt(inode), modifiedNs: BigInt(modified), size: Number(size) };
}

/** JSON knows no dates, and not every text that looks like one is one: so their places are written down. */
function datePaths(value: object, path: string[]): string[][] {
  return Object.entries(value).flatMap(([key, part]) => {
    if (part instanceof Date) return [[...path, key]];
    return typeof part === 'object' && part !== null ? datePaths(part, [...path, key]) : [];
  });
}

/** A project of its own at every call. `null` when the line is damaged or its text was not kept. */
export function projectOf({ body }: IndexLine): Project | null {
  const start = body.indexOf('\t');
  if (start === -1) return null;
  try {
    const { project, dates } = JSON.parse(body.slice(start + 1)) as {
      project: Project;
      dates: string[][];
    };
    for (const path of dates) reviveDate(project, path);
    return project;
  } catch {
    return null; // a torn or damaged line: the document is read instead
  }
}

/** The same, of what a list shows. */
export function summaryOf({ body }: IndexLine): ProjectSummary | null {
  if (body === '') return null;
  const end = body.indexOf('\t');
  try {
    const [summary] = JSON.parse(end === -1 ? body : body.slice(0, end)) as [ProjectSummary];
    return { ...summary, createdAt: new Date(summary.createdAt), updatedAt: new Date(summary.updatedAt) };
  } catch {
    return null; // as above
  }
}

function reviveDate(root: object, path: readonly string[]): void {
  let target = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) target = target[key] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  target[last] = new Date(target[last] as string);
}
