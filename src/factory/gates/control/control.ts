import { bodyAt } from '../test-source/brackets.ts';
import { isCompiled } from '../test-source/test-files.ts';
import { copiesIn, otherwise } from './copies.ts';
import { controlledJavascript, ownInJavascript } from './javascript.ts';
import { controlledPython, ownInPython } from './python.ts';
import type { Control } from './types.ts';

/*
 * Control tests: a copy of a test file with tests at its end that must fail. They call the assertions that the file itself
 * uses, in the process that has loaded the code under test. Where they pass, or never run, the green run proved nothing:
 * `assert.equal` was replaced, the process ended early with 0, the runner was told to look elsewhere.
 *
 * Rust and Go cannot replace an assertion of another crate or package at run time (what is compiled in its place is looked at by
 * `stand-ins.ts` and the manifests); what is left there is to end the process early, which their controls show as well. Java's Surefire
 * notices that by itself, and gets none.
 */
/**
 * @param mark part of the tests' names; letters and digits
 * @param named the file is a program that a command starts
 * @returns `null` where no such test can be made
 */
export function withControl(
  path: string,
  text: string,
  { mark, named }: { mark: string; named: boolean },
): Control | null {
  const extension = /\.(\w+)$/.exec(path)?.[1] ?? '';
  if (/^[cm]?[jt]sx?$/.test(extension))
    return withCopies(path, text, mark, controlledJavascript(text, mark, named), ownInJavascript(text));
  if (extension === 'py')
    return withCopies(path, text, mark, controlledPython(text, mark, named), ownInPython(text));
  if (extension === 'rs') return rust(text, mark);
  if (path.endsWith('_test.go')) return go(text, mark);
  if (extension === 'bats') return bats(text, mark);
  if (extension === 't') return perl(text, mark);
  if (!named) return null;
  if (isCompiled(path)) return main(text, extension);
  if (/^(sh|bash|zsh)$/.test(extension) || /^#!.*\b(?:ba|da|z)?sh\b/.test(text)) return shell(text);
  if (extension === 'rb') return atEnd(text, `abort "${mark}"`, /^__END__$/m);
  if (extension === 'pl') return atEnd(text, 'exit 97;', /^__(?:END|DATA)__$/m);
  if (extension === 'php' && !/\?>\s*$/.test(text)) return atEnd(text, 'exit(97);', /^__halt_compiler/m);
  return null;
}

/** Copies stand before what the control itself changed. */
function withCopies(
  path: string,
  text: string,
  mark: string,
  control: Control | null,
  own: readonly string[],
): Control | null {
  if (control === null) return null;
  if (control.titles.length === 0) {
    const other = control.sure ? otherwise(path, text) : null;
    return other === null ? control : { ...control, other };
  }
  const copies = copiesIn(path, text, mark, own).filter(
    ({ at }) => control.text.slice(0, at) === text.slice(0, at),
  );
  const ordered = [...copies].sort((a, b) => b.at - a.at);
  const whole = ordered.reduce(
    (all, { at, text: copy }) => all.slice(0, at) + copy + all.slice(at),
    control.text,
  );
  const helpers = copies.map(({ title, of }) => ({ title, callee: of }));
  return { ...control, text: whole, helpers: [...(control.helpers ?? []), ...helpers] };
}

function rust(text: string, mark: string): Control | null {
  if (!/#\[(?:\w+::)?test\b/.test(text)) return null;
  const title = `test_${mark}_1`;
  const module = `#[cfg(test)]\nmod test_${mark} {\n    #[test]\n    fn ${title}() {\n        assert_eq!(1, 2);\n    }\n}\n`;
  return { text: `${text.trimEnd()}\n\n${module}`, titles: [title], sure: true };
}

function go(text: string, mark: string): Control | null {
  if (!/^\s*(?:import\s+)?"testing"\s*$/m.test(text)) return null;
  const title = `Test_${mark}_1`;
  return {
    text: `${text.trimEnd()}\n\nfunc ${title}(t *testing.T) {\n\tt.Error("a")\n}\n`,
    titles: [title],
    sure: true,
  };
}

function bats(text: string, mark: string): Control {
  const title = `test_${mark}_1`;
  return { text: `${text.trimEnd()}\n\n@test "${title}" {\n  false\n}\n`, titles: [title], sure: true };
}

/** Before a last `exit`, which would end the script as it likes. */
function shell(text: string): Control {
  const lines = text.trimEnd().split('\n');
  const at = /^exit\b/.test(lines.at(-1) ?? '') ? lines.length - 1 : lines.length;
  const sure = !lines.slice(0, at).some((line) => /\bexit +(?:0|\$)|\bexit *$|\bexec\b/.test(line));
  lines.splice(at, 0, 'exit 97');
  return { text: `${lines.join('\n')}\n`, titles: [], sure };
}

/** Of Test::More; a plan that counts fails as well, which is why only names tell. */
function perl(text: string, mark: string): Control | null {
  if (!/^\s*use\s+Test::/m.test(text)) return null;
  const at = /^(?:done_testing|__(?:END|DATA)__)\b/m.exec(text)?.index ?? text.length;
  const calls = ['ok(0', ...(/\bis\(/.test(text) ? ['is("a", "b"', 'is(1, 2'] : [])];
  const lines = calls.map((call, index) => `${call}, "test_${mark}_${index + 1}");`);
  return {
    text: `${text.slice(0, at).trimEnd()}\n${lines.join('\n')}\n${text.slice(at)}`,
    titles: [],
    sure: false,
  };
}

/** A program of a compiled language whose main function asserts: at its end it must end with another code. */
function main(text: string, extension: string): Control | null {
  if (!/\bassert\b|\bAssertionError\b|\bAssert\.\w/.test(text)) return null;
  const head = /\b[mM]ain\s*\([^()]*\)[^;{}]*\{/.exec(text);
  if (head === null) return null;
  const from = head.index + head[0].length;
  const body = bodyAt(text, from);
  const last = /\n?[ \t]*(?:return\b[^;{}]*|System\.exit\([^;{}]*|exit\([^;{}]*);\s*$/.exec(body);
  const at = from + (last === null ? body.length : last.index);
  const ends = {
    java: 'System.exit(97);',
    kt: 'kotlin.system.exitProcess(97)',
    cs: 'System.Environment.Exit(97);',
  };
  const end = ends[extension as keyof typeof ends] ?? 'return 97;';
  const before = body.slice(0, at - from);
  return {
    text: `${text.slice(0, at)}\n${end}\n${text.slice(from + body.length)}`,
    titles: [],
    sure: !/\breturn\b(?!\s*[1-9])|\bexit\s*\(\s*0|Exit\(\s*0/.test(before),
  };
}

function atEnd(text: string, line: string, end: RegExp): Control {
  const at = end.exec(text)?.index ?? text.length;
  return {
    text: `${text.slice(0, at).trimEnd()}\n${line}\n${text.slice(at)}`,
    titles: [],
    sure: !/\bexit\b/.test(text),
  };
}
