import { PYTHON_METHODS } from './assertions.ts';
import type { Control } from './control.ts';

const MOST = 12;

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
  const base = testCaseOf(text);
  if (base !== null) {
    const used = [...new Set([...text.matchAll(/\bself\.(\w+)\(/g)].map(([, name = '']) => name))];
    const calls = used
      .flatMap((name) => {
        const failing = PYTHON_METHODS.get(name);
        return failing === undefined ? [] : [`self.${name}${failing}`];
      })
      .slice(0, MOST);
    if (calls.length === 0 || /^\s+assert\b/m.test(text)) calls.push('assert "a" == "b"');
    lines.push(`class Test_${mark}(${base}):`);
    for (const call of calls) lines.push(`    def ${title()}(self):`, `        ${call}`);
  }
  if (/^(?:async )?def test\w*\(/m.test(text)) {
    lines.push(`def ${title()}():`, '    assert "a" == "b"');
    if (/\bpytest\.raises\(/.test(text) && /^import pytest\b/m.test(text))
      lines.push(`def ${title()}():`, '    with pytest.raises(ValueError):', '        pass');
  }
  if (lines.length === 0) return named ? plain(text, mark) : null;
  const all = ['# ruff: noqa', '# flake8: noqa', '# fmt: off', ...lines, ''].join('\n');
  // What starts the tests of a script stands at its end, and does not come back.
  const start = /^if __name__\s*==/m.exec(text)?.index ?? text.length;
  return { text: `${text.slice(0, start).trimEnd()}\n\n\n${all}\n${text.slice(start)}`, titles, sure: true };
}

function testCaseOf(text: string): string | null {
  const bases = [...text.matchAll(/^class \w+\(([\w., ]*TestCase[\w., ]*)\)/gm)].map(([, name = '']) => name);
  if (bases.length === 0) return null;
  if (/^import unittest\s*$/m.test(text)) return 'unittest.TestCase';
  const single = bases.find((name) => /^[\w.]*TestCase$/.test(name.trim()));
  return single?.trim() ?? null;
}

function plain(text: string, mark: string): Control {
  const lines = text.trimEnd().split('\n');
  const control = `assert "${mark}" == ""`;
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
  return { text: `${lines.join('\n')}\n`, titles: [], sure };
}

function isWhole(line: string): boolean {
  const code = line.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""');
  if (/["']{3}|\\\s*$/.test(code)) return false;
  const count = (sign: string) => code.split(sign).length;
  return count('(') === count(')') && count('{') === count('}') && count('[') === count(']');
}
