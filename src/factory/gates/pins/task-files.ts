import { asRecord, parseObject } from '../../../lib/record.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { nameOf } from './definitions.ts';
import { PROVES } from './makefile.ts';
import type { NamingTree } from './preloaded.ts';

/*
 * Files in which a program that runs tasks is told what its tasks do. They count where a gate's commands come to that program: a
 * repository may bundle its pages by one that no check asks for.
 */

const PROGRAMS: readonly { program: RegExp; files: RegExp }[] = [
  { program: /gulp(?:-cli)?/, files: /^gulpfile(?:\.[\w.-]+)?$/i },
  { program: /grunt(?:-cli)?/, files: /^gruntfile(?:\.\w+)?$/i },
  { program: /jake/, files: /^jakefile(?:\.\w+)?$/i },
  { program: /cake/, files: /^Cakefile$/ },
  { program: /craco/, files: /^\.?craco(?:\.config\.\w+|rc(?:\.\w+)?)$/ },
  { program: /react-app-rewired/, files: /^config-overrides\.\w+$/ },
  { program: /ember/, files: /^ember-cli-build\.[cm]?[jt]s$/ },
  { program: /codecept(?:js)?/, files: /^codecept\.conf\.\w+$/ },
  { program: /inv(?:oke)?/, files: /^(?:tasks\.py|\.?invoke\.(?:ya?ml|json|py))$/ },
  { program: /fab/, files: /^fabfile\.py$/ },
  { program: /doit/, files: /^dodo\.py$/ },
  { program: /ant/, files: /^build\.xml$/ },
  { program: /bundle|rake|rspec|rails/, files: /(?:^|\/)\.bundle\/config$/ },
];

/**
 * @param commands those of a gate, with all that they were followed to
 * @returns what the programs among them read unasked, also where the base commit has no such file
 */
export async function taskFiles(commands: readonly string[], tree: NamingTree): Promise<string[]> {
  const found: string[] = [];
  for (const path of new Set([...tree.base, ...tree.now])) {
    const kinds = PROGRAMS.filter(({ files }) => files.test(nameOf(path)) || files.test(path));
    if (kinds.length === 0 || isTestPath(path)) continue;
    const folder = path.slice(0, path.length - nameOf(path).length).replace(/\.bundle\/$/, '');
    const texts =
      folder === ''
        ? commands
        : [
            ...commands.filter((each) => each.includes(folder.slice(0, -1))),
            ...(await checksIn(folder, tree)),
          ];
    if (kinds.some(({ program }) => texts.some((text) => starts(text, program)))) found.push(path);
  }
  return found;
}

const starts = (text: string, program: RegExp): boolean =>
  new RegExp(`(?<![\\w.@:=-])(?:${program.source})(?![\\w.:=-])`).test(text);

/** Scripts of a package in a workspace that prove something by their names, whoever asks for them. */
async function checksIn(folder: string, { base, read }: NamingTree): Promise<string[]> {
  const path = `${folder}package.json`;
  const manifest = base.has(path) ? parseObject(await read(path)) : null;
  return Object.entries(asRecord(manifest?.['scripts'])).flatMap(([name, text]) =>
    PROVES.test(name) && typeof text === 'string' ? [text] : [],
  );
}

const TASKS =
  /^(?:(?:[Gg]ulp|[Gg]runt|[Jj]ake|[Cc]ake|[Rr]ake)file(?:\.[\w.-]+)?|(?:tasks|dodo|fabfile|noxfile)\.py)$/;
/** A statement that gives something a name, or brings something in. */
const STATEMENTS: readonly RegExp[] = [
  /^(?:export\s+)?(?:const|let|var|async\s+function|function\*?)\s+(\w+)/,
  /^(?:module\.)?exports\.(\w+)\s*=/,
  /^(?:\w+\.)?(?:task|registerTask|registerMultiTask|loadNpmTasks|file|multitask)[ (]+[:"']?([\w:./-]+)/,
  /^(?:async\s+)?def\s+(\w+)/,
  /^(?:import|from|require|@\w|desc\b|end\b|[\])}])/,
];
/** Behind these a statement goes on. */
const OPEN_END = /[=+\-*/,&|?:.([{\\]$/;

/**
 * Whether more tasks came to a file of such a program, by names that nothing in it had, and all else stands as it was: nothing that
 * is proved by it is proved by less. Where that is not plain, it is not so.
 */
export function onlyAddsTasks(path: string, old: string | null, now: string | null): boolean {
  if (!TASKS.test(nameOf(path)) || old === null || now === null) return false;
  const base = linesOf(old);
  // All that a Gruntfile says stands in one function.
  const inner = /^gruntfile/i.test(nameOf(path)) ? /^(\s*)grunt\./m.exec(old)?.[1] : '';
  const margin = inner ?? '';
  const names = new Set(base.flatMap((line) => nameIn(line.trim()) || []));
  let at = 0;
  let block: string[] = [];
  for (const line of [...linesOf(now), null]) {
    if (line !== null && line !== base[at]) {
      block.push(line);
      continue;
    }
    if (block.length > 0 && !isFresh(block, { before: base[at - 1], next: base[at], margin, names }))
      return false;
    block = [];
    at += 1;
  }
  return at > base.length;
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*(?:\/\/|#(?!\{)|\/?\*)/.test(line));

/** `undefined`: it is no statement that is known; an empty text: it names nothing. */
function nameIn(line: string): string | undefined {
  for (const pattern of STATEMENTS) {
    const found = pattern.exec(line);
    if (found !== null) return found[1] ?? '';
  }
  return undefined;
}

/** Whether lines that came between two others are whole statements of their own. */
function isFresh(
  block: readonly string[],
  around: {
    before: string | undefined;
    next: string | undefined;
    margin: string;
    names: ReadonlySet<string>;
  },
): boolean {
  const { before = '', next, margin, names } = around;
  const isAtTop = (line: string) => line.startsWith(margin) && !/^\s/.test(line.slice(margin.length));
  const isStart = (line: string) => isAtTop(line) || !line.startsWith(margin);
  if (OPEN_END.test(before) && margin === '') return false;
  if (next !== undefined && (!isStart(next) || (isAtTop(next) && /^(?:[.([\])}]|end\b)/.test(next.trim()))))
    return false;
  if (!isAtTop(block[0] ?? '')) return false;
  return block.filter(isAtTop).every((line) => {
    const name = nameIn(line.trim());
    // Python's imports give names as well.
    const given = /^(?:import|from)\b[^"']*$/.test(line.trim())
      ? (line.match(/\w+|\*/g) ?? [])
      : [name ?? ''];
    return name !== undefined && !given.some((each) => each === '*' || names.has(each));
  });
}
