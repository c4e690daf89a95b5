import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { projectEcosystem } from '../../src/factory/gates/run/commands.ts';
import { stage } from './stage.ts';

const signal = new AbortController().signal;

/** As in the sandbox, which never shows programs from a folder of packages. */
const PATH = (process.env['PATH'] ?? '')
  .split(':')
  .filter((folder) => !folder.includes('/node_modules/'))
  .join(':');

/** Why a tool cannot be tried here; `null` when it can. */
function missing(...commands: string[]): string | null {
  for (const command of commands) {
    try {
      execFileSync('/bin/sh', ['-c', command], { stdio: 'ignore', env: { ...process.env, PATH } });
    } catch {
      return `"${command}" does not work on this machine`;
    }
  }
  return null;
}

interface Case {
  name: string;
  needs: string[];
  files: Record<string, string>;
  /** A file that makes the tests fail. */
  broken: [path: string, text: string];
  test: string;
  setup?: string;
  /** Commands that pass on the base commit, beside the tests. */
  also?: ('lint' | 'format')[];
}

const node = (manager: string, lock: Record<string, string>, test = `${manager} test`): Case => ({
  name: manager,
  needs: [`${manager} --version`],
  files: {
    'package.json': JSON.stringify({ name: 'a', type: 'module', scripts: { test: 'node --test' } }),
    'sum.js': 'export const add = (a, b) => a + b;\n',
    'sum.test.js':
      "import test from 'node:test';\nimport assert from 'node:assert';\nimport { add } from './sum.js';\ntest('adds', () => assert.equal(add(1, 2), 3));\n",
    ...lock,
  },
  broken: ['sum.js', 'export const add = (a, b) => a - b;\n'],
  test,
});

const CASES: Case[] = [
  node('npm', {}),
  node('pnpm', { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" }),
  node('yarn', { 'yarn.lock': '# yarn lockfile v1\n' }),
  node(
    'bun',
    { 'bun.lock': '{ "lockfileVersion": 1, "workspaces": { "": { "name": "a" } } }\n' },
    'bun run test',
  ),
  {
    name: 'pytest',
    needs: ['python3 -m pytest --version'],
    files: {
      'pyproject.toml': '[project]\nname = "a"\nversion = "1"\n',
      'total.py': 'def add(a, b):\n    return a + b\n',
      'test_total.py': 'from total import add\n\ndef test_add():\n    assert add(1, 2) == 3\n',
    },
    broken: ['total.py', 'def add(a, b):\n    return a - b\n'],
    test: 'python3 -m pytest',
  },
  {
    name: 'cargo',
    needs: ['cargo --version', 'cargo clippy --version', 'cargo fmt --version'],
    files: {
      'Cargo.toml':
        '[package]\nname = "total"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nhelper = { path = "helper" }\n',
      'Cargo.lock':
        'version = 3\n\n[[package]]\nname = "helper"\nversion = "0.1.0"\n\n[[package]]\nname = "total"\nversion = "0.1.0"\ndependencies = [\n "helper",\n]\n',
      '.gitignore': 'target/\n',
      'helper/Cargo.toml': '[package]\nname = "helper"\nversion = "0.1.0"\nedition = "2021"\n',
      'helper/src/lib.rs': 'pub fn one() -> i32 {\n    1\n}\n',
      'src/lib.rs':
        'pub fn add(a: i32) -> i32 {\n    a + helper::one()\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(super::add(1), 2);\n    }\n}\n',
    },
    broken: [
      'src/lib.rs',
      'pub fn add(a: i32) -> i32 {\n    a - helper::one()\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(super::add(1), 2);\n    }\n}\n',
    ],
    test: 'cargo test',
    setup: 'cargo fetch --locked',
    also: ['lint', 'format'],
  },
  {
    name: 'go',
    needs: ['go version'],
    files: {
      'go.mod': 'module example.test/total\n\ngo 1.20\n',
      'total.go': 'package total\n\nfunc Add(a, b int) int { return a + b }\n',
      'total_test.go':
        'package total\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n\t\tt.Fatal("wrong")\n\t}\n}\n',
    },
    broken: ['total.go', 'package total\n\nfunc Add(a, b int) int { return a - b }\n'],
    test: 'go test -v ./...',
    also: ['lint', 'format'],
  },
  {
    name: 'maven',
    // What Maven's own builds have downloaded lies in the owner's home; where it does not, nothing can be tried.
    needs: [
      'mvn --version',
      'ls ~/.m2/repository/org/apache/maven/surefire/surefire-junit-platform/3.2.5/*.jar',
    ],
    files: {
      'pom.xml': `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>a</groupId><artifactId>a</artifactId><version>1</version>
<properties><maven.compiler.release>17</maven.compiler.release><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
<dependencies><dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.11.4</version><scope>test</scope></dependency></dependencies>
<build><plugins>
<plugin><artifactId>maven-resources-plugin</artifactId><version>3.3.1</version></plugin>
<plugin><artifactId>maven-compiler-plugin</artifactId><version>3.13.0</version></plugin>
<plugin><artifactId>maven-surefire-plugin</artifactId><version>3.2.5</version></plugin>
</plugins></build></project>
`,
      'src/main/java/Sum.java': 'class Sum { static int add(int a, int b) { return a + b; } }\n',
      'src/test/java/SumTest.java':
        'import static org.junit.jupiter.api.Assertions.assertEquals;\nimport org.junit.jupiter.api.Test;\nclass SumTest { @Test void adds() { assertEquals(3, Sum.add(1, 2)); } }\n',
      '.gitignore': 'target/\n',
    },
    broken: ['src/main/java/Sum.java', 'class Sum { static int add(int a, int b) { return a - b; } }\n'],
    test: 'mvn -B -o test',
  },
  {
    name: 'make',
    needs: ['make --version'],
    files: {
      Makefile:
        'lint:\n\ttest -f total.sh\ntest: out\n\ttest "$$(cat out)" = 3\nout: total.sh\n\tsh total.sh > out\n',
      'total.sh': 'echo $((1 + 2))\n',
      '.gitignore': 'out\n',
    },
    broken: ['total.sh', 'echo $((1 - 2))\n'],
    test: 'make test',
    also: ['lint'],
  },
];

describe.each(CASES)('a project of $name', (each) => {
  const reason = missing(...each.needs);
  it.skipIf(reason !== null)(
    `is tested as its base commit says, in the sandbox, offline, and a fault is found${reason === null ? '' : ` (skipped: ${reason})`}`,
    async () => {
      const s = await stage(each.files, { setup: 'found' });
      const found = await projectEcosystem(s.git, s.project);
      expect(found.test?.command).toBe(each.test);
      expect(found.setup?.command).toBe(each.setup);
      const run = async (commit: string, command: string) => {
        const tree = await s.trees.scratchTree(s.project, { commit });
        try {
          return (await tree.run({ command, label: 'x', timeoutMs: 120_000, signal })).result;
        } finally {
          await tree.remove();
        }
      };
      const good = await run(s.base, each.test);
      expect(good.exitCode, good.output).toBe(0);
      for (const kind of each.also ?? []) {
        const also = await run(s.base, found[kind]?.command ?? 'false');
        expect(also.exitCode, also.output).toBe(0);
      }
      await s.repository.write(...each.broken);
      await s.repository.git('commit', '-qam', 'broken');
      const bad = await run(await s.repository.git('rev-parse', 'HEAD'), each.test);
      expect(bad.exitCode, bad.output).not.toBe(0);
      await s.trees.removeScratchTrees(s.project.id, s.project.repository);
    },
  );
});
