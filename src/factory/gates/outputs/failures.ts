/** What a runner said of each test that failed, found where it says so: for a person, who has not the output at hand. */
import { plainOutput, readTests } from './read.ts';

export interface TestFailure {
  /** Empty where the output names none. */
  test: string;
  /** The assertion, or what else was thrown; without the frames of its stack. */
  message: string;
  /** `file:line`, where one is told. */
  place?: string;
}

/** How a runner tells of a failure: a head with the name, and what stands below it up to the next head or the end. */
interface Telling {
  /** What stands before is another list of the same tests. */
  after?: RegExp;
  head: RegExp;
  end: RegExp;
  /** Of the lines below only these, less what the first group leaves. */
  only?: RegExp;
  noise?: RegExp;
  place?: RegExp;
  /** The name goes on over lines until one that ends so. */
  longName?: RegExp;
}

const FRAME = /^\s*at .*[:(]\S+\)?$|^\s*at \S+ \(|^\s+❯ |^\s*[›] /;
/** Source text around a place, as several runners show it. */
const SOURCE = /^\s*>?\s*\d+ ?\||^\s+\|\s|^\s+\^+\s*$/;
const JS_PLACE = /(?:\(|❯ |at |file:\/\/)((?:[\w.@-]+\/)*[\w.@-]+\.\w+:\d+)(?::\d+)?/;

const TELLINGS: Readonly<Record<string, Telling>> = {
  node: {
    after: /^✖ failing tests:$/m,
    head: /^✖ (.+?)(?: \([\d.]+ms\))?$/,
    end: /^test at /,
    noise:
      /^\s+at |^\s*(?:generatedMessage|code|operator|diff|actual|expected): |^\s*[{}],?$|^\s*'test failed'$/,
    place: JS_PLACE,
  },
  vitest: {
    head: /^ FAIL {2}(?:\|[^|]*\| )?(.+)$/,
    end: /^⎯{5,}|^ Test Files /,
    noise: SOURCE,
    place: JS_PLACE,
  },
  jest: {
    head: /^ {2}● (?!Console)(.+)$/,
    end: /^(?:PASS|FAIL) |^Test Suites: /,
    noise: SOURCE,
    place: JS_PLACE,
  },
  mocha: {
    after: /^ {2}\d+ failing$/m,
    head: /^ {2}\d+\) (.+)$/,
    end: /^npm |^> /,
    longName: /:$/,
    place: JS_PLACE,
  },
  pytest: {
    head: /^_{3,} (.+?) _{3,}$/,
    end: /^={3,} /,
    only: /^E {3}(.*)$/,
    place: /^(\S+\.py:\d+): /,
  },
  unittest: {
    head: /^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (.+)$/,
    end: /^={10,}$|^Ran \d+ test/,
    noise: /^-{10,}$|^Traceback |^ {2}/,
    place: /File "([^"]+)", line (\d+)/,
  },
  cargo: {
    head: /^---- (.+) stdout ----$/,
    end: /^failures:$|^stack backtrace:|^note: /,
    noise: /^thread '.*' (?:\(\d+\) )?panicked at \S+:$/,
    place: /panicked at (?:'.*', )?(\S+:\d+):\d+/,
  },
  surefire: {
    head: /^(?:\[ERROR\] )?(\S+)(?: {2}| --) Time elapsed: .*<<< (?:FAILURE|ERROR)!/,
    end: /^\[|^$/,
    noise: /^\s+at |^\s+\.\.\. \d+ more$/,
    place: /\((\w+\.\w+:\d+)\)/,
  },
  gradle: {
    head: /^(\S.* > .+) FAILED$/,
    end: /^\S/,
    noise: /^\s+at /,
    place: /at (\w+\.\w+:\d+)/,
  },
};

/** Most failures that are told of, lines of one, and characters of one. */
const MOST = 5;
const LONGEST = { lines: 14, characters: 1_200 };

/**
 * @param output of a check that failed, both streams as they came
 * @param roots folders that are left out of places
 * @returns at least one for an output that says anything
 */
export function readFailures(output: string, roots: readonly string[] = []): TestFailure[] {
  const text = plainOutput(output, roots);
  const runner = readTests(output, roots)?.runner ?? '';
  const found =
    runner === 'tap'
      ? tapFailures(text)
      : runner === 'go'
        ? goFailures(text)
        : runner === 'junit-xml'
          ? xmlFailures(text)
          : blocks(text, TELLINGS[runner] ?? (TELLINGS['gradle'] as Telling));
  const telling = found.filter(({ message }) => message !== '');
  return (telling.length > 0 ? telling : lastWords(text)).slice(0, MOST);
}

function blocks(text: string, telling: Telling): TestFailure[] {
  const { after, head, end, longName } = telling;
  const part = after === undefined ? text : (text.split(after).at(-1) ?? text);
  const found: { name: string; lines: string[]; open: boolean }[] = [];
  let inName = false;
  for (const line of part.split('\n')) {
    const last = found.at(-1);
    const name = head.exec(line)?.[1];
    if (name !== undefined) {
      found.push({ name: name.trim(), lines: [], open: true });
      inName = longName !== undefined && !longName.test(line);
    } else if (last?.open && end.test(line)) last.open = false;
    else if (last !== undefined && inName) {
      last.name += ` > ${line.trim()}`;
      inName = !longName?.test(line);
    } else if (last?.open) last.lines.push(line);
  }
  return found.map(({ name, lines }) => {
    const shown = lines.flatMap((line) => shownOf(line, telling));
    const whole = longName === undefined ? name : name.replace(longName, '');
    return { test: whole.replaceAll(' › ', ' > '), message: messageOf(shown), ...placeOf(lines, telling) };
  });
}

function shownOf(line: string, { only, noise }: Telling): string[] {
  if (only !== undefined) {
    const text = only.exec(line)?.[1];
    return text === undefined ? [] : [text];
  }
  return FRAME.test(line) || noise?.test(line) ? [] : [line];
}

function placeOf(lines: readonly string[], { place }: Telling): { place?: string } {
  if (place === undefined) return {};
  const foreign = /node_modules|^node:|internal\//;
  const own = lines.flatMap((line) => {
    const found = place.exec(line);
    return found === null || foreign.test(found[1] ?? '') ? [] : [found];
  });
  // A traceback of Python ends with the place that matters; the others begin with it.
  const chosen = place.source.startsWith('File') ? own.at(-1) : own[0];
  if (chosen === undefined) return {};
  return { place: [chosen[1], chosen[2]].filter((each) => each !== undefined).join(':') };
}

/** Lines without their common indentation and without blank ones at the ends, cut to what a report bears. */
function messageOf(lines: readonly string[]): string {
  const full = lines.map((line) => line.trimEnd());
  const indents = full.filter((line) => line !== '').map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents, 40);
  const text = full
    .map((line) => line.slice(indent))
    .join('\n')
    .replace(/\n{2,}/g, '\n')
    .trim();
  const kept = text.split('\n').slice(0, LONGEST.lines).join('\n');
  const cut = kept.length > LONGEST.characters ? `${kept.slice(0, LONGEST.characters)}…` : kept;
  return cut.length < text.length && !cut.endsWith('…') ? `${cut}\n…` : cut;
}

/** The block of YAML below a `not ok`; one that stands for its subtests says nothing. */
function tapFailures(text: string): TestFailure[] {
  const pattern = /^( *)not ok \d+(?: -)? ?(.*)\n((?:\1 {2}.*\n|\n)*)/gm;
  return [...`${text}\n`.matchAll(pattern)].flatMap(([, , name = '', block = '']) => {
    if (/failureType: 'subtestsFailed'/.test(block)) return [];
    const field = (key: string) => {
      const [, value = '', below = ''] =
        new RegExp(`^ *${key}: +(.*)\\n((?: {6,}.*\\n)*)`, 'm').exec(block) ?? [];
      const inline = value.replace(/^'(.*)'$/, '$1');
      return /^[|>]/.test(value) ? messageOf(below.split('\n')) : inline === 'test failed' ? '' : inline;
    };
    const error = field('error') || field('message');
    const sides = ['expected', 'actual', 'wanted', 'found'].flatMap((key) => {
      const value = field(key);
      return value === '' || error.includes(value) ? [] : [`${key}: ${value}`];
    });
    const place = /(?:location|at): .*?((?:[\w.@-]+\/)*[\w.@-]+\.\w+:\d+)/.exec(block)?.[1];
    const message = messageOf([error, ...sides].filter((each) => each !== ''));
    return [{ test: name.trim(), message, ...(place === undefined ? {} : { place }) }];
  });
}

/** Words of a test follow the line that names it: with `-v` the one that begins it, else the one that ends it. */
function goFailures(text: string): TestFailure[] {
  const said = new Map<string, string[]>();
  const failed = new Set<string>();
  let now = '';
  for (const line of text.split('\n')) {
    const begun = /^=== (?:RUN|CONT|NAME) +(\S+)/.exec(line)?.[1];
    const ended = /^ *--- (PASS|FAIL|SKIP): (\S+)/.exec(line);
    now = begun ?? ended?.[2] ?? now;
    if (ended?.[1] === 'FAIL') failed.add(ended[2] ?? '');
    if (begun !== undefined || ended !== null) continue;
    const package_ = /^# (\S+)/.exec(line)?.[1];
    if (package_ !== undefined) {
      now = package_;
      failed.add(now);
    } else if (/^(?:FAIL|ok|PASS|\?)\b/.test(line)) now = '';
    else if (now !== '') said.set(now, [...(said.get(now) ?? []), line]);
  }
  return [...failed].flatMap((test) => {
    const lines = said.get(test) ?? [];
    const place = /(\S+\.go:\d+)/.exec(lines.join('\n'))?.[1];
    return [{ test, message: messageOf(lines), ...(place === undefined ? {} : { place }) }];
  });
}

function xmlFailures(text: string): TestFailure[] {
  const attribute = (part: string, name: string) =>
    (new RegExp(`\\b${name}="([^"]*)"`).exec(part)?.[1] ?? '').replace(
      /&(lt|gt|quot|apos|amp);/g,
      (_, entity: 'lt') => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[entity],
    );
  return text.split(/<testcase\b/).flatMap((part) => {
    const [, told] = /<(?:failure|error)\b([^>]*)/.exec(part.split('</testcase>')[0] ?? '') ?? [];
    if (told === undefined) return [];
    return [{ test: attribute(part, 'name'), message: attribute(told, 'message') }];
  });
}

const WORDS =
  /\b(?:error|errors|fail|failed|failure|exception|assert\w*|panicked|not found|cannot|refused)\b/i;

/** Of an output of no known form: from the first line of its end that speaks of trouble. */
function lastWords(text: string): TestFailure[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const end = lines.slice(-40);
  const from = end.findIndex((line) => WORDS.test(line));
  const shown = from < 0 ? end.slice(-10) : end.slice(from, from + 10);
  return shown.length === 0 ? [] : [{ test: '', message: messageOf(shown) }];
}
