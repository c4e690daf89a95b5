/**
 * A derived file that makes listing fast: one line per project that was read, with the key of the project.yaml it was read
 * from. It may be deleted at any time, lag behind, or hold damaged lines: a line counts only while its key is the file's,
 * and whoever finds none reads the document and adds a line.
 *
 * Line: `<id> <form> <open|closed> <inode> <modified> <size> <JSON of the summary><tab><JSON {project, dates}>`. The later
 * of two lines for one id counts. `form` names the schema that the project was read with: another version of the program reads the document again,
 * because it may see more in it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { appendFile, type FileHandle, open, rename } from 'node:fs/promises';
import { z } from 'zod';
import type { ProjectSummary } from '../factory/ports.ts';
import { type Project, project as projectSchema } from '../factory/project/project.ts';
import { errorCode, FILE_MODE, type FileKey, isMissing, removeQuietly, writeNewFile } from './files.ts';

export interface IndexLine {
  id: string;
  /** Closed: it needs no attention any more (`needsAttention`). */
  closed: boolean;
  key: FileKey;
  /** Makes a project of its own at every call. `null` when the line is damaged. */
  project(): Project | null;
  /** The same, of what a list shows. */
  summary(): ProjectSummary | null;
}

export interface ProjectIndex {
  /** The newest line of every project; reads only what was added since the last call. */
  read(): Promise<ReadonlyMap<string, IndexLine>>;
  /** Adds lines. A failure is not reported: the index only saves time. */
  add(lines: readonly { project: Project; closed: boolean; key: FileKey }[]): Promise<void>;
  /** Writes it anew when most of its lines are outdated. */
  compact(): Promise<void>;
}

/** @param keepProjects `false`: only keys are held in memory, `project()` and `summary()` are always `null` */
export function createProjectIndex(file: string, keepProjects: boolean): ProjectIndex {
  let inode = -1n;
  let end = 0;
  let count = 0;
  let lines = new Map<string, IndexLine>();
  let form: string | undefined;
  const ownForm = (): string => {
    form ??= formOf(projectSchema);
    return form;
  };

  function reset(to: bigint): void {
    inode = to;
    end = 0;
    count = 0;
    lines = new Map();
  }

  return {
    async read() {
      const added = await readFromEnd(file, inode, end);
      if (added === null) {
        reset(-1n);
        return lines;
      }
      if (added.from === 0) reset(added.inode);
      const stop = added.text.lastIndexOf('\n') + 1;
      for (const text of added.text.slice(0, stop).split('\n')) {
        if (text === '') continue;
        count += 1;
        const line = parseLine(text, ownForm(), keepProjects);
        if (line !== null) lines.set(line.id, line);
      }
      end = added.from + Buffer.byteLength(added.text.slice(0, stop));
      return lines;
    },
    async add(found) {
      if (found.length === 0) return;
      const text = found
        .map(({ project, closed, key }) => formatLine(project, ownForm(), closed, key))
        .join('');
      try {
        // A leading line end closes a line that a writer left torn.
        await appendFile(file, `\n${text}`, { mode: FILE_MODE });
      } catch (error) {
        // A full disk or a read-only folder: listing stays slow, and whatever matters fails elsewhere with a message.
        if (errorCode(error) === undefined) throw error;
      }
    },
    async compact() {
      if (!keepProjects || count < 1_000 || count < lines.size * 2) return;
      const aside = `${file}.${randomBytes(8).toString('hex')}.tmp`;
      try {
        const text = [...lines.values()].flatMap((line) => {
          const project = line.project();
          return project === null ? [] : [formatLine(project, ownForm(), line.closed, line.key)];
        });
        await writeNewFile(aside, text.join(''));
        // A line that another process adds between reading and renaming is lost, and added again by who misses it.
        await rename(aside, file);
      } catch (error) {
        // As above: the old one goes on serving.
        await removeQuietly(aside);
        if (errorCode(error) === undefined) throw error;
      }
    },
  };
}

async function readFromEnd(
  file: string,
  inode: bigint,
  end: number,
): Promise<{ inode: bigint; from: number; text: string } | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const found = await handle.stat({ bigint: true });
    const size = Number(found.size);
    const from = found.ino === inode && size >= end ? end : 0;
    const data = Buffer.allocUnsafe(size - from);
    const { bytesRead } = size === from ? { bytesRead: 0 } : await handle.read(data, 0, data.length, from);
    return { inode: found.ino, from, text: data.subarray(0, bytesRead).toString('utf8') };
  } finally {
    await handle.close();
  }
}

function formOf(schema: z.ZodType): string {
  const described = JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }));
  return createHash('sha256').update(described).digest('hex').slice(0, 12);
}

const HEAD = /^([0-9a-f-]{36}) ([0-9a-f]{12}) (open|closed) (\d+) (\d+) (\d+) (?=\[)/;

function parseLine(text: string, form: string, keepProjects: boolean): IndexLine | null {
  const head = HEAD.exec(text.slice(0, 200));
  if (head === null || head[2] !== form) return null;
  const [matched, id = '', , state, inode = '0', modified = '0', size = '0'] = head;
  const body = keepProjects ? text.slice(matched.length) : '';
  return {
    id,
    closed: state === 'closed',
    key: { inode: BigInt(inode), modifiedNs: BigInt(modified), size: Number(size) },
    project: () => reviveProject(body),
    summary: () => reviveSummary(body),
  };
}

function formatLine(project: Project, form: string, closed: boolean, key: FileKey): string {
  const head = `${project.id} ${form} ${closed ? 'closed' : 'open'} ${key.inode} ${key.modifiedNs} ${key.size}`;
  const { id, name, status, createdAt, totalCost, workBranch } = project;
  const summary = JSON.stringify([id, name, status, createdAt, totalCost, workBranch]);
  return `${head} ${summary}\t${JSON.stringify({ project, dates: datePaths(project, []) })}\n`;
}

/** JSON knows no dates, and not every text that looks like one is one: so their places are written down. */
function datePaths(value: object, path: string[]): string[][] {
  return Object.entries(value).flatMap(([key, part]) => {
    if (part instanceof Date) return [[...path, key]];
    return typeof part === 'object' && part !== null ? datePaths(part, [...path, key]) : [];
  });
}

function reviveProject(body: string): Project | null {
  try {
    const { project, dates } = JSON.parse(body.slice(body.indexOf('\t') + 1)) as {
      project: Project;
      dates: string[][];
    };
    for (const path of dates) reviveDate(project, path);
    return project;
  } catch {
    return null; // a torn or damaged line: the document is read instead
  }
}

function reviveSummary(body: string): ProjectSummary | null {
  const end = body.indexOf('\t');
  if (end === -1) return null;
  try {
    const [id, name, status, createdAt, totalCost, workBranch] = JSON.parse(body.slice(0, end)) as [
      string,
      string,
      ProjectSummary['status'],
      string,
      number,
      string,
    ];
    return { id, name, status, createdAt: new Date(createdAt), totalCost, workBranch };
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
