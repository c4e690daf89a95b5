import { shellQuote } from '../../../../lib/text/shell-quote.ts';
import { npm } from './npm.ts';

/*
 * A script that tests often looks at the code first: `xo && ava && tsc`. Where no lock file says which versions of linters are meant,
 * their verdict on old code is another each month, and so they become a check of their own, that a repository can do without.
 */

/** Programs that read code and run none of it. */
const LINTER =
  /^(?:npx\s+)?(?:xo|eslint|(?:ts-?|semi|neo)?standard|biome|oxlint|jshint|jscs|stylelint|prettier|remark|type-coverage|tsd|dtslint|attw|publint|markdownlint(?:-cli2?)?|editorconfig-checker|lockfile-lint|ls-lint|knip|depcheck)(?:\s|$)/;
/** Before tests it may be what builds them. */
const COMPILER = /^(?:npx\s+)?tsc(?:\s|$)/;
const ONE_SCRIPT = /^npm\s+run\s+(?:(?:-s|--silent)\s+)?([\w:-]+)$/;
/** What more than joins commands with `&&`: nobody takes that apart by reading. */
const MORE = /[|;`$(){}<>\n\\]|(?<!&)&(?!&)|(?:^|&&)\s*(?:cd|export|set)\s/;
const QUOTED = /'[^']*'|"[^"]*"/g;
/** Scripts that start scripts. */
const DEEPEST = 3;

type Scripts = Readonly<Record<string, unknown>>;

/**
 * @param linter the script that lints, where there is one
 * @param typesOnly the compiler writes nothing that tests could run
 * @returns the tests and what only reads the code, each as a command; `null` where the script is not of both
 */
export function splitChain(
  name: string,
  scripts: Scripts,
  linter: string | undefined,
  typesOnly = false,
): { test: string; lint: string } | null {
  const parts = hasHooks(name, scripts) ? null : partsOf(scripts[name]);
  if (parts === null) return null;
  const isLast = (at: number) => parts.slice(at).every((part) => reads(part, scripts, true));
  const lints = parts.filter((part, at) => reads(part, scripts, typesOnly || isLast(at)));
  const tests = parts.filter((part) => !lints.includes(part));
  if (lints.length === 0 || tests.length === 0) return null;
  const others = lints.filter((part) => linter === undefined || ONE_SCRIPT.exec(part)?.[1] !== linter);
  const lint = [linter === undefined ? [] : npm.run(linter), others.length === 0 ? [] : joined(others)];
  return { test: joined(tests), lint: lint.flat().join(' && ') };
}

/** Outside of npm other programs of its packages are not found. */
function joined(parts: readonly string[]): string {
  const command = parts.join(' && ');
  if (parts.every((part) => ONE_SCRIPT.test(part))) return command;
  return `npm exec -c ${shellQuote(command)}`;
}

/** @param compiled what it compiles is run by nothing after it */
function reads(part: string, scripts: Scripts, compiled: boolean, depth = DEEPEST): boolean {
  if (LINTER.test(part) || (compiled && COMPILER.test(part))) return true;
  const name = ONE_SCRIPT.exec(part)?.[1];
  if (name === undefined || depth === 0 || hasHooks(name, scripts)) return false;
  return partsOf(scripts[name])?.every((each) => reads(each, scripts, compiled, depth - 1)) ?? false;
}

/** Whether a tsconfig.json has the compiler write no code. */
export function writesNoCode(tsconfig: string | null): boolean {
  return /^[^\n/]*"(?:noEmit|emitDeclarationOnly)"\s*:\s*true/m.test(tsconfig ?? '');
}

const hasHooks = (name: string, scripts: Scripts): boolean =>
  `pre${name}` in scripts || `post${name}` in scripts;

/** `null` where it is more than commands one after the other. */
function partsOf(script: unknown): string[] | null {
  if (typeof script !== 'string') return null;
  const strings: string[] = [];
  const bare = script.replace(QUOTED, (string) => `"${strings.push(string) - 1}"`);
  if (MORE.test(bare)) return null;
  return bare
    .split('&&')
    .map((part) => part.trim().replace(/"(\d+)"/g, (_, at: string) => strings[Number(at)] ?? ''));
}
