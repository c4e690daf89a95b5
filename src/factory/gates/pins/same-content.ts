import { isDeepStrictEqual } from 'node:util';
import { CST, Lexer, parseAllDocuments } from 'yaml';
import { parseJson } from '../../../lib/record.ts';
import { isCiDefinition, withoutVersions } from './ci-files.ts';
import { npmPackages, withoutOwnVersion } from './own-version.ts';
import { pythonTokens } from './python-tokens.ts';
import { SUPPRESSIONS, suppressesNoMore } from './suppressions.ts';

/** Characters of a definition that are read, of a lock file as well. */
const MOST_READ = 4_000_000;
const isLong = (text: string | null): boolean => (text?.length ?? 0) > MOST_READ;

/**
 * Whether two texts of a definition say the same: one of them was only laid out anew, or got other comments. Where that is not
 * plain, they differ.
 */
export function saysTheSame(path: string, old: string | null, now: string | null): boolean {
  if (/\.(dist|egg)-info\//i.test(path)) return pluginsIn(path, old) === pluginsIn(path, now);
  if (isLong(old) || isLong(now)) return old === now;
  if (SUPPRESSIONS.test(path) && (now === null || readJson(now) !== null))
    return suppressesNoMore(readJson(old ?? '{}'), readJson(now ?? '{}'));
  if (old === null || now === null) return false;
  if (old === now) return true;
  if (/(^|\/)pnpm-workspace\.yaml$/.test(path)) return onlyAddsMembers(readYaml(old), readYaml(now));
  const reading = readingOf(path);
  if (reading === null) return false;
  const [before, after] = [reading(old), reading(now)];
  return before !== null && after !== null && isDeepStrictEqual(before, after);
}

/** For which language and libraries the code is compiled: not what is checked, and how strictly. */
const TARGET =
  /^(target|lib|module|moduleResolution|esModuleInterop|allowSyntheticDefaultImports|resolveJsonModule|downlevelIteration|declaration|declarationMap|sourceMap)$/;

/** Of a tsconfig.json: what decides which files are checked, and how. */
function withoutTarget(read: unknown): unknown {
  const { json } = Object(read) as { json?: unknown };
  if (typeof json !== 'object' || json === null) return null;
  const all: Record<string, unknown> = { ...json };
  const options = Object.entries({ ...Object(all['compilerOptions']) });
  return { ...all, compilerOptions: Object.fromEntries(options.filter(([key]) => !TARGET.test(key))) };
}

/** Content in a form that does not depend on layout; `null`: not to be read. */
type Reading = (text: string) => unknown;

function readingOf(path: string): Reading | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/\.py$/.test(name)) return pythonTokens;
  if (name === 'setup.cfg') return (text) => readIni(withoutPackage(text));
  if (/^(package-lock|npm-shrinkwrap)\.json$/.test(name)) return (text) => npmPackages(readJson(text));
  const own = withoutOwnVersion(name);
  if (own !== null) return (text) => (name === 'lerna.json' ? readJson(own(text)) : own(text));
  if (/^[tj]sconfig(\..+)?\.json$/.test(name)) return (text) => withoutTarget(readJson(text));
  if (isCiDefinition(path) && /\.ya?ml$/.test(name)) return (text) => withoutVersions(readYaml(text)) ?? null;
  if (/\.(jsonc?|json5)$/.test(name)) return readJson;
  if (/\.ya?ml$/.test(name)) return readYaml;
  if (/\.toml$/.test(name)) return readToml;
  if (/\.(ini|cfg)$|^\.(flake8|coveragerc|npmrc|pylintrc|editorconfig|isort\.cfg)$/.test(name))
    return readIni;
  if (/\.(xml|xml\.dist|props|targets|runsettings)$/.test(name)) return readXml;
  if (/ignore$|^requirements.*\.txt$/.test(name)) return readLines;
  if (/^\.\w+rc$/.test(name)) return (text) => readJson(text) ?? readYaml(text);
  if (/\.([cm]?[jt]s)$/.test(name)) return readScript;
  return null;
}

/** Definitions nest far less; who walks through a deeper one calls itself until the stack is full. */
const DEEPEST = 200;

/** Whether brackets open within each other too often, by the parts of a text that may be such. */
function isDeep(parts: Iterable<string>): boolean {
  let depth = 0;
  for (const part of parts) {
    if (part === '[' || part === '{') depth += 1;
    else if (part === ']' || part === '}') depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** JSON, also with comments and commas at the end; `null`: none, or nested too deep. */
export function readJson(text: string): { json: unknown } | null {
  const strict = text
    .replace(/("(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string?: string) => string ?? ' ')
    .replace(/("(?:\\.|[^"\\\n])*")|,(?=\s*[}\]])/g, (_all, string?: string) => string ?? '');
  if (isDeep(strict.match(/"(?:\\.|[^"\\\n])*"|[[\]{}]/g) ?? [])) return null;
  const json = parseJson(strict);
  return json === undefined ? null : { json };
}

/** Signs that begin a line: each may stand for a block within another one. */
const DEEP_BLOCKS = new RegExp(`^[ ?:-]{${2 * DEEPEST}}`, 'm');

function readYaml(text: string): unknown {
  if (DEEP_BLOCKS.test(text) || isDeep(bracketsOfYaml(text))) return null;
  try {
    const documents = parseAllDocuments(text);
    if (
      !Array.isArray(documents) ||
      documents.some(({ errors, warnings }) => errors.length + warnings.length > 0)
    )
      return null;
    const read = documents.map((document) => document.toJS() as unknown);
    // What holds itself has no end to walk to.
    JSON.stringify(read);
    return read;
  } catch {
    // The library reports through `errors`; what is thrown instead is about this text: an alias of nothing, of itself, or of too much.
    return null;
  }
}

/** Brackets outside of strings, comments and plain text. */
function* bracketsOfYaml(text: string): Generator<string> {
  for (const source of new Lexer().lex(text))
    if (/^flow-(?:seq|map)-/.test(CST.tokenType(source) ?? '')) yield source;
}

/** Which versions of packages are meant: ordinary work, as in package.json. */
const DEPENDENCY_KEYS =
  /^(catalogs?|overrides|(onlyBuilt|neverBuilt|ignoredBuilt|ignoredOptional)Dependencies|packageExtensions|peerDependencyRules|allowedDeprecatedVersions|minimumReleaseAge\w*)$/;

/** Settings of pnpm's apart from which packages are meant. */
export function withoutDependencyKeys(all: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !DEPENDENCY_KEYS.test(key)));
}

/** Of a pnpm-workspace.yaml: packages may come to it. */
function onlyAddsMembers(old: unknown, now: unknown): boolean {
  const [before, after] = [firstDocument(old), firstDocument(now)];
  if (before === null || after === null) return false;
  const rest = (all: Record<string, unknown>) => withoutDependencyKeys({ ...all, packages: undefined });
  const members = (all: Record<string, unknown>) => {
    const { packages } = all;
    return Array.isArray(packages) ? packages.map(String) : [];
  };
  const added = members(after).filter((path) => !members(before).includes(path));
  return (
    isDeepStrictEqual(rest(before), rest(after)) &&
    members(before).every((path) => members(after).includes(path)) &&
    added.every((path) => !path.startsWith('!'))
  );
}

function firstDocument(documents: unknown): Record<string, unknown> | null {
  const [first, second]: unknown[] = Array.isArray(documents) ? documents : [];
  if (second !== undefined || typeof first !== 'object' || first === null || Array.isArray(first))
    return null;
  return Object.fromEntries(Object.entries(first));
}

const SPACE_IN_TOML = /("(?:\\.|[^"\\\n])*"|'[^'\n]*')|#[^\n]*|[ \t\r]+/g;

/** Line by line without blanks and comments; inside of brackets a line end means nothing. */
export function readToml(text: string): string[] | null {
  if (/"""|'''/.test(text)) return null;
  let depth = 0;
  const out: string[] = [];
  const bare = text.replace(SPACE_IN_TOML, (_all, string?: string) => string ?? '');
  for (const part of bare.match(/"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[\s\S]/g) ?? []) {
    if ('[{'.includes(part)) depth += 1;
    if (']}'.includes(part)) depth -= 1;
    if (part === '\n' && depth > 0) continue;
    if (part === ']' && out.at(-1) === ',') out.pop();
    out.push(part);
  }
  return out
    .join('')
    .split('\n')
    .filter((line) => line !== '');
}

/** Only whole lines are comments; a line that is set in goes on with the one before it. */
function readIni(text: string): unknown {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*[#;]/.test(line))
    .map((line) => [/^\s/.test(line), line.trim().replace(/^([\w.-]+)\s*([=:])\s*/, '$1$2')]);
}

/** Sections of a setup.cfg that describe the package: its version and dependencies are ordinary work. */
function withoutPackage(text: string): string {
  return text
    .split(/^(?=\[)/m)
    .filter(
      (section) =>
        !/^\[(metadata|options(\.[\w.]+)?|bumpversion.*|bdist_wheel|sdist|egg_info|build_ext|upload.*)\]/.test(
          section,
        ),
    )
    .join('');
}

/** Of what an installed package of Python says of itself: what others load of it. An install that is not ignored leaves the rest. */
function pluginsIn(path: string, text: string | null): string {
  if (text === null || !/\/entry_points\.txt$/i.test(path)) return '';
  return text
    .split(/^(?=\[)/m)
    .filter((section) => !/^\[(console|gui)_scripts\]/.test(section))
    .map((section) => section.trim())
    .join('\n');
}

function readXml(text: string): unknown {
  if (/<!\[CDATA\[|xml:space/.test(text)) return null;
  return text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([<>]) ?/g, '$1')
    .replace(/ \/>/g, '/>')
    .trim();
}

function readLines(text: string): unknown {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Comments by which tools are spoken to. */
const DIRECTIVE = /eslint|prettier|biome|@ts-|istanbul|v8 ignore|c8 ignore|@(?:jest|vitest)|webpack|@vite/;

/** Lines without what they are set in by, comments left out. A text in which that cannot be told apart is not read. */
function readScript(text: string): unknown {
  if (text.includes('`') || /\\\n/.test(text)) return null;
  // What looks like a pattern might hold a quote or the beginning of a comment.
  if (/[=(,:]\s*\/(?![/*])/.test(text)) return null;
  const bare = text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (all, string?: string) => string ?? (DIRECTIVE.test(all) ? all : ''),
  );
  return bare
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
