import type { BaseTree } from './types.ts';

export interface PythonProject {
  /** The file that declares it. */
  source: string;
  /** Names of optional dependencies for tests. */
  extras: string[];
  /** Requirements of the dependency groups for tests. */
  groups: string[];
  /** Names of these groups. */
  groupNames: string[];
}

/** Groups and extras that tests and linters are usually declared in. */
const FOR_TESTS = ['test', 'tests', 'testing', 'dev'];

/** The package at the root, where it declares that it needs others. `null`: it does not, or there is none. */
export async function pythonProject(tree: BaseTree): Promise<PythonProject | null> {
  const text = tree.has('pyproject.toml') ? ((await tree.read('pyproject.toml')) ?? '') : '';
  const project = sectionOf(text, 'project');
  if (project !== null) {
    const optional = sectionOf(text, 'project.optional-dependencies') ?? '';
    const grouped = sectionOf(text, 'dependency-groups') ?? '';
    const extras = FOR_TESTS.filter(
      (name) => [...listOf(optional, name), ...listOf(project, `optional-dependencies.${name}`)].length > 0,
    );
    const groups = FOR_TESTS.flatMap((name) => listOf(grouped, name));
    const groupNames = FOR_TESTS.filter((name) => listOf(grouped, name).length > 0);
    const declares = listOf(project, 'dependencies').length + extras.length + groups.length > 0;
    return declares ? { source: 'pyproject.toml', extras, groups, groupNames } : null;
  }
  for (const source of ['setup.cfg', 'setup.py']) {
    const declared = tree.has(source) ? ((await tree.read(source)) ?? '') : '';
    if (/\b(install_requires|tests_require|extras_require)\s*=/.test(declared))
      return { source, extras: [], groups: [], groupNames: [] };
  }
  return null;
}

/** The lines below a header, up to the next one. */
function sectionOf(toml: string, name: string): string | null {
  const lines = toml.split('\n');
  const start = lines.findIndex((line) => line.trim() === `[${name}]`);
  if (start < 0) return null;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^\s*\[[^\]"',]+\]\s*(#.*)?$/.test(line));
  return (end < 0 ? rest : rest.slice(0, end)).join('\n');
}

/** The texts of a list; what is no plain text (`{ include-group = … }`) and what a shell could read otherwise is left out. */
function listOf(section: string, key: string): string[] {
  const list = new RegExp(
    `^["']?${key.replace('.', '\\.')}["']?\\s*=\\s*\\[((?:"[^"]*"|'[^']*'|#[^\\n]*|[^\\]"'])*)\\]`,
    'm',
  ).exec(section)?.[1];
  const texts = (list ?? '').replace(/^\s*#.*$/gm, '').matchAll(/\{[^}]*\}|"([^"\n]*)"|'([^'\n]*)'/g);
  return [...texts].flatMap(([, double, single]) => {
    const text = double ?? single;
    return text === undefined || /['\n\\]/.test(text) ? [] : [text];
  });
}
