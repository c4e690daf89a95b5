import { controlledJavascript } from './javascript.ts';
import { controlledPython } from './python.ts';
import type { Control } from './types.ts';

/*
 * Control tests: a copy of a test file with tests at its end that must fail. They call the assertions that the file itself
 * uses, in the process that has loaded the code under test. Where they pass, or never run, the green run proved nothing:
 * `assert.equal` was replaced, the process ended early with 0, the runner was told to look elsewhere.
 *
 * Rust and Go cannot replace an assertion of another crate or package at run time; what is left there is to end the process
 * early, which their controls show as well. Java's Surefire notices that by itself, and gets none.
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
  if (/^[cm]?[jt]sx?$/.test(extension)) return controlledJavascript(text, mark, named);
  if (extension === 'py') return controlledPython(text, mark, named);
  if (extension === 'rs') return rust(text, mark);
  if (path.endsWith('_test.go')) return go(text, mark);
  if (extension === 'bats') return bats(text, mark);
  if (!named) return null;
  if (/^(sh|bash|zsh)$/.test(extension) || /^#!.*\b(?:ba|da|z)?sh\b/.test(text)) return shell(text);
  if (extension === 'rb') return atEnd(text, `abort "${mark}"`, /^__END__$/m);
  if (/^(pl|t)$/.test(extension)) return atEnd(text, 'exit 97;', /^__(?:END|DATA)__$/m);
  if (extension === 'php' && !/\?>\s*$/.test(text)) return atEnd(text, 'exit(97);', /^__halt_compiler/m);
  return null;
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

function atEnd(text: string, line: string, end: RegExp): Control {
  const at = end.exec(text)?.index ?? text.length;
  return {
    text: `${text.slice(0, at).trimEnd()}\n${line}\n${text.slice(at)}`,
    titles: [],
    sure: !/\bexit\b/.test(text),
  };
}
