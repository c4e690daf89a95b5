import { spawn } from 'node:child_process';
import { closeSync, lstatSync, openSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { FileOutcome, FileView, Sandbox } from '../../factory/ports.ts';
import { canBeLayered } from '../mechanisms/layers.ts';
import type { Inside, Launch } from '../mechanisms/mechanism.ts';
import { isInside, type Mount } from '../mounts/mounts.ts';
import { repositoryMounts } from '../mounts/repository.ts';
import type { Surroundings } from '../mounts/surroundings.ts';
import { sandboxFailed } from './exhausted.ts';

/** The most that is written in one go. Bytes. */
const MOST_WRITTEN = 10 * 1024 * 1024;
const TIMEOUT = 30_000;
const MOST_MESSAGE = 2_048;

/** What the scripts below end with, and what the model is told. */
const PROBLEMS: Readonly<Record<number, (path: string) => string>> = {
  71: (path) =>
    `${path} leads out of the worktree (through a symbolic link). Only files inside the worktree can be used.`,
  72: (path) => `${path} does not exist.`,
  73: (path) => `${path} is a folder, not a file. List it with bash: ls -la ${path}`,
  74: (path) => `${path} is not an ordinary file (a pipe, socket or device).`,
  75: (path) => `${path} belongs to git, which is read-only here. Use the commit tool to commit.`,
  76: (path) => `${path} cannot be opened: no permission.`,
  78: (path) => `${path} does not exist: what stands before its name is a file, not a folder.`,
};

/**
 * Walks to the folder of `$1`, one step at a time and never out of the working folder, and sets `$f` to the file's real
 * place. With `$make` missing folders are made; another call may be making the same one. A file that is not there yet is allowed. Uses what the shell has built in:
 * each process more would cost a millisecond.
 */
const LOCATE = `
cd -P . && root=$PWD p=$1 || exit 70
while :; do
  case $p in */*) d=\${p%%/*} p=\${p#*/} ;; *) break ;; esac
  [ -n "$make" ] && [ ! -e "$d" ] && [ ! -L "$d" ] && { mkdir -- "$d" || [ -d "$d" ] || exit 77; }
  [ -e "$d" ] || exit 72
  [ -d "$d" ] || exit 78
  cd -P -- "./$d" 2>/dev/null || exit 76
  case $PWD in "$root"/*) ;; *) exit 71 ;; esac
done
f=$PWD/$p
if [ -L "$f" ]; then f=$(readlink -f -- "$f") || exit 72; fi
case $f in "$root"/*) ;; *) exit 71 ;; esac
[ -d "$f" ] && exit 73
[ -e "$f" ] && [ ! -f "$f" ] && exit 74
`;
const READ = `make=
${LOCATE}
[ -e "$f" ] || exit 72
[ -r "$f" ] || exit 76
exec head -c "$2" -- "$f"`;
const WRITE = `make=1; umask 022
${LOCATE}
case \${f#"$root"} in /.git|/.git/*) exit 75 ;; esac
{ exec cat > "$f"; } || exit 77`;

/** A way to run something inside, without what nobody may reach from there. */
export type LaunchIn = (inside: Inside) => Promise<Launch>;

type ReadOnlyMount = NonNullable<FileView['readOnlyMounts']>[number];

interface Parts {
  folder: string;
  surroundings: Surroundings;
  launchIn: LaunchIn;
  /** The mechanism can show what lies elsewhere. */
  canMount: boolean;
}

/**
 * Reads and writes files where the agent's commands run: what a symbolic link leads to outside is not there, whatever any
 * check says. The checks explain.
 */
export function createFiles(parts: Parts): Pick<Sandbox, 'readFile' | 'writeFile'> {
  return {
    async readFile(worktree, gitDir, path, maxBytes, view = {}) {
      const place = locate(worktree, path);
      if (!place.ok) return place;
      const script = ['/bin/sh', '-c', READ, 'sh', place.value, String(maxBytes + 1)];
      const run = { worktree, gitDir, view, script };
      const done = await runScript(parts, { ...run, readOnly: true, most: maxBytes + 1 });
      if (done.code !== 0) return problem(place.value, done);
      if (done.output.length > maxBytes) {
        return refused(
          `${path} is larger than ${maxBytes} bytes. Read a part of it with bash (head, tail, sed -n).`,
        );
      }
      return decode(path, done.output);
    },
    async writeFile(worktree, gitDir, path, content, view = {}) {
      const place = locate(worktree, path);
      if (!place.ok) return place;
      if (place.value.toLowerCase().split('/').includes('.git'))
        return problem(place.value, { code: 75, message: '' });
      const input = Buffer.from(content);
      if (input.length > MOST_WRITTEN) {
        return refused(
          `${path}: ${input.length} bytes are more than the ${MOST_WRITTEN} that can be written at once.`,
        );
      }
      const script = ['/bin/sh', '-c', WRITE, 'sh', place.value];
      const run = { worktree, gitDir, view, script };
      const done = await runScript(parts, { ...run, readOnly: false, most: 0, input });
      return done.code === 0 ? { ok: true, value: undefined } : problem(place.value, done);
    },
  };
}

/** The path relative to the worktree, in the form `./a/b`. */
function locate(worktree: string, path: string): FileOutcome<string> {
  if (path === '' || path.includes('\0')) return refused('The path is empty or holds a NUL byte.');
  const absolute = isAbsolute(path) ? resolve(path) : resolve(worktree, path);
  if (!isInside(absolute, worktree)) {
    return refused(`${path} is outside the worktree. Only files inside ${worktree} can be used.`);
  }
  if (absolute === worktree) return refused(`${path} is the worktree itself, not a file.`);
  if (/\/\.?$/.test(path)) return refused(`${path} names a folder, not a file.`);
  return { ok: true, value: relative(worktree, absolute) };
}

function decode(path: string, bytes: Buffer): FileOutcome<string> {
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    // What else the decoder may throw is no matter of the file.
    if (!(error instanceof TypeError)) throw error;
    return refused(
      `${path} is not UTF-8 text (${bytes.length} bytes). Look at it with bash: file, xxd, iconv.`,
    );
  }
}

interface ScriptRun {
  worktree: string;
  gitDir: string;
  view: FileView;
  readOnly: boolean;
  script: string[];
  /** Most bytes of output that are kept. */
  most: number;
  input?: Buffer;
}

interface ScriptEnd {
  code: number | null;
  output: Buffer;
  message: string;
}

async function runScript(
  { launchIn, surroundings, folder, canMount }: Parts,
  run: ScriptRun,
): Promise<ScriptEnd> {
  const { worktree, gitDir, readOnly } = run;
  const mounts = canMount ? (run.view.readOnlyMounts ?? []) : [];
  const launch = await launchIn({
    mounts: [
      ...surroundings.mounts,
      ...repositoryMounts({ worktree, gitDir, readOnly, privateFolder: folder, asItIs: !canMount }),
      ...mounts.map((each) => readOnlyMount(worktree, each)),
    ],
    cwd: worktree,
    network: false,
    env: surroundings.env,
    argv: run.script,
  });
  return new Promise((resolve, reject) => {
    const { file, args, env, cwd, filter, after } = launch;
    const opened = filter === undefined ? undefined : openSync(filter, 'r');
    const child = spawn(file, args, {
      env,
      cwd,
      stdio: ['pipe', 'pipe', 'pipe', 'ignore', 'ignore', opened],
      timeout: TIMEOUT,
      killSignal: 'SIGKILL',
    });
    if (opened !== undefined) closeSync(opened);
    const chunks: Buffer[] = [];
    let size = 0;
    let message = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      if (size < run.most) chunks.push(chunk);
      size += chunk.length;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (message.length < MOST_MESSAGE) message += chunk.toString();
    });
    // The script may refuse before it has read everything; its exit code says why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(run.input ?? '');
    child.once('error', (error) => {
      after?.();
      reject(error);
    });
    child.once('close', (code) => {
      after?.();
      resolve({ code, output: Buffer.concat(chunks), message: message.trim() });
    });
  });
}

/**
 * What is mounted read-only, as commands and file tools find it.
 *
 * @param place where the worktree appears to them
 * @throws DarkFactoryError `environment`/`sandbox_failed` where a link stands in the way: whoever builds a sandbox follows it, out
 *   of what is being built, and makes the place for the mount on the host
 */
export function readOnlyMount(
  worktree: string,
  { source, path, layer }: ReadOnlyMount,
  place = worktree,
): Mount {
  const target = join(place, path);
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const part = parts.slice(0, depth).join('/');
    if (lstatSync(join(worktree, part), { throwIfNoEntry: false })?.isSymbolicLink())
      throw sandboxFailed(`Nothing can be shown at ${path}`, `${part} is a symbolic link`);
  }
  return layer === undefined || !canBeLayered(source, layer)
    ? { kind: 'read-only', source, target }
    : { kind: 'layer', source, target, folder: layer };
}

function problem(
  path: string,
  { code, message }: Pick<ScriptEnd, 'code' | 'message'>,
): { ok: false; problem: string } {
  const known = code === null ? undefined : PROBLEMS[code];
  if (known) return refused(known(path));
  return refused(`${path}: ${message || `the file tool ended with ${code ?? 'a signal'}`}`);
}

function refused(text: string): { ok: false; problem: string } {
  return { ok: false, problem: text };
}
