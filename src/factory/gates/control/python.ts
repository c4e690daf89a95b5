import { pythonBlocks, pythonImports } from '../ecosystems/python-source.ts';
import { PYTHON_METHODS, variants as withNumbers } from './assertions.ts';
import { askedPython, type Called, type Helper, helpersIn } from './helpers.ts';
import type { Control } from './types.ts';

const MOST = 16;
const variants = (calls: readonly string[]): string[] => withNumbers(calls).slice(0, MOST);

/**
 * Tests of a file of pytest or unittest, or behind the last assertion of a script that a command starts.
 *
 * @param named the file is a program that a command starts
 */
export function controlledPython(text: string, mark: string, named: boolean): Control | null {
  const lines: string[] = [];
  const titles: string[] = [];
  const title = () => {
    titles.push(`test_${mark}_${titles.length + 1}`);
    return titles.at(-1) ?? '';
  };
  const { base, own } = basesOf(text);
  const used = [...new Set([...text.matchAll(/\bself\.(\w+)\(/g)].map(([, name = '']) => name))];
  const calls = variants(
    used.flatMap((name) => {
      const failing = PYTHON_METHODS.get(name);
      return failing === undefined ? [] : [`self.${name}${failing}`];
    }),
  );
  if (base !== null) {
    const all = [...calls];
    if (all.length === 0 || /^\s+assert\b/m.test(text)) all.push('assert "a" == "b"');
    lines.push(`class Test_${mark}(${base}):`);
    for (const call of all) lines.push(`    def ${title()}(self):`, `        ${call}`);
  }
  const helpers: { title: string; callee: string }[] = [];
  const helper = (callee: string) => {
    helpers.push({ title: `test_${mark}_own${helpers.length + 1}_`, callee });
    return helpers.at(-1)?.title ?? '';
  };
  const methods = helpersIn(text, [{ local: 'self', module: '' }], '^[ \\t]+').filter(
    ({ callee }) => callee !== 'self' && !PYTHON_METHODS.has(callee.slice('self.'.length)),
  );
  const self = own ?? (methods.length > 0 ? base : null);
  if (self !== null && lines.length > 0) {
    lines.push(`class Test_${mark}_own(${self}):`);
    for (const call of own === null ? [] : calls)
      lines.push(`    def ${helper(`${self} ${call}`)}(self):`, `        ${call}`);
    for (const each of methods)
      lines.push(`    def ${helper(each.callee)}(self):`, ...askedPython(each, '        '));
    if (calls.length + methods.length === 0) lines.push('    pass');
  }
  if (/^(?:async )?def test\w*\(/m.test(text)) {
    lines.push(`def ${title()}():`, '    assert "a" == "b"');
    if (/\bpytest\.raises\(/.test(text) && /^import pytest\b/m.test(text))
      lines.push(`def ${title()}():`, '    with pytest.raises(ValueError):', '        pass');
  }
  if (lines.length === 0) return named ? (examples(text, mark) ?? plain(text, mark)) : null;
  for (const each of helpersIn(text, pythonImports(text), '^[ \\t]+')) {
    if (base === null) lines.push(`def ${helper(each.callee)}():`, ...askedPython(each, '    '));
    else
      lines.push(
        `class Test_${mark}_own${helpers.length + 1}(${base}):`,
        `    def ${helper(each.callee)}(self):`,
        ...askedPython(each, '        '),
      );
  }
  const all = ['# ruff: noqa', '# flake8: noqa', '# fmt: off', ...lines, ''].join('\n');
  // What starts the tests of a script stands at its end, and does not come back.
  const start = /^if __name__\s*==/m.exec(text)?.index ?? text.length;
  return {
    text: `${text.slice(0, start).trimEnd()}\n\n\n${all}\n${text.slice(start)}`,
    titles,
    helpers,
    sure: true,
  };
}

/** What a file imports, and as what it asserts by that: a function, or the class that its tests derive from. */
export function calledInPython(text: string): Called[] {
  const imports = pythonImports(text);
  const callees = helpersIn(text, imports, '^[ \\t]+').map(({ callee }) => callee);
  return imports.flatMap(({ local, module }) => {
    const derived = new RegExp(`^class \\w+\\([^)\\n]*(?<![\\w.])${local}(?!\\w)`, 'm').test(text);
    const callee = callees.find((each) => each === local || each.startsWith(`${local}.`));
    const asserts =
      callee === undefined ? (derived ? local : null) : callee.slice(callee.lastIndexOf('.') + 1);
    // A name that is imported may be a module itself.
    return [module, `${module}.${local}`].map((each) => ({ module: each, asserts }));
  });
}

/** Names by which a file has what is not the runner's. */
export function ownInPython(text: string): string[] {
  return pythonImports(text).map(({ local }) => local);
}

/** `base`: the class that tests derive from for certain; `own`: one that the file has from elsewhere in the repository. */
function basesOf(text: string): { base: string | null; own: string | null } {
  const base = testCaseOf(text);
  const imported = new Set(pythonImports(text).map(({ local }) => local));
  const derived = [
    ...text.matchAll(/^class \w+\(([\w.]+)\):(?:\n(?:[ \t].*)?)*?\n[ \t]+(?:async )?def test/gm),
  ].map(([, name = '']) => name);
  const own = derived.find((name) => imported.has(name.split('.')[0] ?? name)) ?? null;
  return base === null || base === own ? { base: own, own: null } : { base, own };
}

function testCaseOf(text: string): string | null {
  const bases = [...text.matchAll(/^class \w+\(([\w., ]*TestCase[\w., ]*)\)/gm)].map(([, name = '']) => name);
  if (bases.length === 0) return null;
  if (/^import unittest\s*$/m.test(text)) return 'unittest.TestCase';
  const single = bases.find((name) => /^[\w.]*TestCase$/.test(name.trim()));
  return single?.trim() ?? null;
}

/** A module whose documentation has examples, with one that fails in each. `null`: it has none, or asserts by itself. */
function examples(text: string, mark: string): Control | null {
  if (/^assert\b/m.test(text)) return null;
  const found = pythonBlocks(text).filter(
    ({ docstring }) => docstring !== null && />>> /.test(text.slice(docstring.start, docstring.end - 3)),
  );
  if (found.length === 0) return null;
  const helpers = found.map(({ path }, at) => ({
    title: `test_${mark}_own${at + 1}_`,
    callee: `${path} >>>`,
  }));
  let whole = text;
  for (const [at, { docstring }] of [...found.entries()].reverse()) {
    if (docstring === null) continue;
    const end = docstring.end - 3;
    const indent = /^([ \t]*)>>> /m.exec(text.slice(docstring.start, end))?.[1] ?? '';
    const example = `\n\n${indent}>>> "${helpers[at]?.title}"\n${indent}'otherwise'\n${indent}`;
    whole = whole.slice(0, end) + example + whole.slice(end);
  }
  const start = /^if __name__\s*==/m.exec(whole)?.index ?? whole.length;
  const asked = `__import__("sys").stderr.write("test_${mark}_asked\\n")\n`;
  return {
    text: `${whole.slice(0, start).trimEnd()}\n\n\n${asked}\n\n${whole.slice(start)}`,
    titles: [],
    helpers,
    sure: false,
  };
}

function plain(text: string, mark: string): Control {
  const lines = text.trimEnd().split('\n');
  const control = `assert "${mark}" == ""`;
  const own = helpersIn(text, pythonImports(text), '^[ \\t]*');
  const last = lines.findLastIndex((line) => /^\s*assert\b/.test(line) && isWhole(line));
  // `sys.exit(main())`: what it asks for is done, and then it fails.
  const [, indent = '', asked = ''] = /^(\s*)(?:sys\.)?exit\((.*)\)\s*$/.exec(lines.at(-1) ?? '') ?? [];
  const exits = /^\s*(?:sys\.)?exit\(/.test(lines.at(-1) ?? '');
  if (exits) lines.splice(-1, 1, `${indent}(${asked || 'None'})`, `${indent}${control}`);
  else {
    const depth = last < 0 ? '' : (/^\s*/.exec(lines[last] ?? '')?.[0] ?? '');
    lines.splice(last < 0 ? lines.length : last + 1, 0, `${depth}${control}`);
  }
  const at = lines.findIndex((line) => line.trim() === control);
  const isTop = exits || /^\S/.test(lines[at] ?? '');
  const sure = isTop && !/\bexit\b|SystemExit/.test(lines.slice(0, at).join('\n'));
  return {
    text: `${behindImports(lines.join('\n'), askedFirst(own, mark))}\n`,
    ...(/\bexit\(\s*(?!0?\s*\))/.test(text)
      ? { first: `${behindImports(text.trimEnd(), ['__import__("sys").exit(97)'])}\n` }
      : {}),
    titles: [],
    helpers: own.map(({ callee }, index) => ({ title: `test_${mark}_own${index + 1}_`, callee })),
    sure,
  };
}

/** Says which of a script's own helpers judge, by raising or by ending the process. */
function askedFirst(own: readonly Helper[], mark: string): string[] {
  const say = (what: string) => `__import__("sys").stderr.write("test_${mark}_${what}\\n")`;
  const lines = own.flatMap((helper, index) => [
    'try:',
    ...askedPython(helper, '    '),
    'except BaseException:',
    `    ${say(`own${index + 1}_`)}`,
  ]);
  return own.length === 0 ? [] : [say('asked'), ...lines];
}

const IMPORT = /^(?:from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\([^)]*\)|[^(\n]+)|import[ \t]+[^\n]+)$/gm;

/** What is said before anything else that a script does with what it imports. */
function behindImports(text: string, lines: readonly string[]): string {
  const last = [...text.matchAll(IMPORT)].at(-1);
  if (lines.length === 0) return text;
  if (last === undefined) return [...lines, text].join('\n');
  const end = last.index + last[0].length;
  return [text.slice(0, end), ...lines].join('\n') + text.slice(end);
}

function isWhole(line: string): boolean {
  const code = line.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""');
  if (/["']{3}|\\\s*$/.test(code)) return false;
  const count = (sign: string) => code.split(sign).length;
  return count('(') === count(')') && count('{') === count('}') && count('[') === count(']');
}
