import { bodyAt, outsideOfBlocks } from './brackets.ts';
import type { Language } from './left-out.ts';

/* Whether a test checks anything, as far as its text tells. */

/** @param helpers functions of the same file that check something (`checkingHelpers`) */
export function checksSomething(
  body: string,
  language: Language,
  code: string,
  helpers: readonly string[],
): boolean {
  if (!checksNothing(body, language) || callsAny(body, helpers)) return true;
  if (language === 'go') return isRace(body);
  return language === 'js' && (isHandedOn(body, code, helpers) || isAwaited(body));
}

/** Goroutines beside each other, or one that is waited for: the detector of races looks at them, and none may hang. */
function isRace(body: string): boolean {
  const count = [...body.matchAll(/^\s*(?:go\s+[\w(]|\w+\.Go\()/gm)].length;
  return count > 1 || (count === 1 && /\.Wait\(\)|<-\s*\w/.test(body));
}

const CALLBACK =
  /^\s*"[^"]*"\s*,\s*(?:\{[^{}]*\}\s*,\s*)?(?:async\s+)?(?:function\s*\w*\s*\(\s*|\(?\s*)(done|cb|callback|next|finish|end)\s*(?::\s*(?:[\w.]+|\(\)\s*=>\s*void)\s*)?(?:\)\s*(?:=>)?|=>)\s*\{?/;

/** A test whose callback is handed to what it tests, or called there, fails where that never calls it. */
function isAwaited(body: string): boolean {
  const [head, name] = CALLBACK.exec(body) ?? [];
  if (head === undefined) return false;
  const rest = body.slice(head.length);
  const call = `${name}\\s*\\(\\s*\\)`;
  const late = new RegExp(
    `\\b(?:setTimeout|setImmediate|nextTick|queueMicrotask)\\s*\\(\\s*(?:${name}\\b|(?:\\(\\s*\\)\\s*=>|function\\s*\\(\\s*\\))\\s*\\{?\\s*${call})`,
    'g',
  );
  const named = (text: string, by: string) => [...text.matchAll(new RegExp(by, 'g'))].length;
  const others = rest.replace(late, ' ');
  const last = named(outsideOfBlocks(others), `(?:^|[;\\n}])\\s*${call}`);
  return named(others, `(?<![\\w$.])${name}\\b`) > last;
}

/** Names by which anything is checked, helpers of the project included as far as names tell, and whatever is handed the test itself. */
const CHECKS =
  /assert|expect|should|throw|reject|raise|equal|match|verify|check|ensure|fail|must|panic|unwrap|snapshot|approx|\bok\s*\(|\b(?:t|b|is|ok|require)\.\w+\s*\(|\?;|\w\s*\(\s*(?:t|st|tt|assert|expect)\s*[,)]/i;
/** What throws by itself where something is not shown: queries of the Testing Library, commands of Cypress, steps of Playwright. */
const SHOWN =
  /(?<!page\.)\b(?:get|find)(?:All)?By[A-Z]\w*\s*\(|\bcy\.(?!(?:log|wait|pause|debug|viewport|screenshot)\b)\w+\s*\(|\bawait\s+(?:\w+\.)*(?:page|frame|locator)\b[^;\n]{0,300}\.(?:click|dblclick|fill|press|hover|tap|uncheck|selectOption|setInputFiles|waitFor\w*)\s*\(/;
/** Assertions on literals alone: whatever else is given to one, or asked of it, may check something. */
const LITERAL = String.raw`(?:true|True|\d+|"_*")`;
const TRIVIAL = new RegExp(
  [
    String.raw`\b(?:assert|expect|ok|t\.(?:is|ok|true|pass))(?:[.!]\w*)*\s*\(?\s*`,
    String.raw`${LITERAL}\s*(?:(?:,|==)\s*${LITERAL}\s*)*`,
    String.raw`(?:\)(?:\s*\.\s*\w+)*(?:\(\s*${LITERAL}?\s*\))?(?!\s*[.(\w])|(?=[;\n}]|$))`,
  ].join(''),
  'g',
);

function checksNothing(body: string, language: Language): boolean {
  if (language === 'python') return pythonChecksNothing(body);
  const code = language === 'js' ? body.replace(/^\s*"[^"]*"\s*,?/, '') : body;
  // A test without a function is one that is only planned.
  if (language === 'js' && !/=>|function|\w/.test(code)) return true;
  return !CHECKS.test(code.replace(TRIVIAL, '')) && !(language === 'js' && SHOWN.test(code));
}

/** An example of Go whose output is compared; another is documentation, and never run. */
export const isRunExample = (text: string): boolean => /^\s*\/\/\s*(?:unordered\s+)?output:/im.test(text);

/**
 * Such an example, what Go gives many inputs, and a test of Rust that must panic: no call of an assertion is needed there.
 *
 * @param text without comments and strings where it is Rust
 */
export function asksByItself(title: string, text: string, language: Language): boolean {
  if (language === 'rust') return /^[^{]*#\[should_panic\b/.test(text);
  if (language !== 'go') return false;
  return title.startsWith('Example') || (/^Fuzz/.test(title) && /\.Fuzz\(\s*func\b/.test(text));
}

/** Functions of a file of JavaScript in which something is checked. */
export function checkingHelpers(code: string): string[] {
  return [...code.matchAll(HELPER)]
    .filter(({ index, 0: head }) => CHECKS.test(bodyAt(code, index + head.length).replace(TRIVIAL, '')))
    .map(([, one, two]) => one ?? two ?? '');
}

const HELPER =
  /\bfunction\s*\*?\s*(\w+)\s*\([^()]*\)\s*\{|\b(?:const|let|var)\s+(\w+)\s*=\s*(?:\w+\.macro\(\s*)?(?:async\s*)?(?:function\s*\w*\s*\([^()]*\)|\([^()]*\)\s*=>|\w+\s*=>)\s*\{/g;

/** A test whose function has a name (`test('adds', macro, 2, 3)`): one of the same file is known to check nothing, or not. */
function isHandedOn(body: string, code: string, helpers: readonly string[]): boolean {
  const name = /^\s*"[^"]*"\s*,\s*([A-Za-z_$][\w$]*)\s*(?:,|$)/.exec(body)?.[1];
  if (name === undefined || /^(?:async|function|undefined|null|true|false)$/.test(name)) return false;
  return helpers.includes(name) || !new RegExp(`(?:function|const|let|var)\\s+${name}\\b`).test(code);
}

const callsAny = (body: string, names: readonly string[]): boolean =>
  names.length > 0 && new RegExp(`(?<![\\w.$])(?:${names.join('|')})\\s*\\(`).test(body);

/** Calls that check nothing by themselves, whatever they are given. */
const IDLE_CALLS =
  /\b(?:print|len|str|int|float|bool|list|dict|set|tuple|range|repr|type|sorted|sleep|time\.sleep)\s*\(/g;

/** Only what is plain: a call may lead to a helper that checks, or fail by itself, so with one nothing is said. */
function pythonChecksNothing(body: string): boolean {
  const code = body.replace(TRIVIAL, '');
  return !CHECKS.test(code) && !/[\w\])]\s*\(/.test(code.replace(IDLE_CALLS, ''));
}
