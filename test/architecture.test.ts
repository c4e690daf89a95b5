import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LONGEST_FILE, violations } from './support/sources/architecture.ts';
import { importsOf } from './support/sources/import-lines.ts';

const TOP = fileURLToPath(new URL('../', import.meta.url));

describe('the source tree', () => {
  const files = readdirSync(`${TOP}src`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.replaceAll('\\', '/')}`);
  const sources = new Map(files.map((file) => [file, readFileSync(`${TOP}${file}`, 'utf8')]));

  it('keeps its layers and rooms, gives every package one home and keeps files short', () => {
    expect(violations(sources)).toEqual([]);
  });

  it('lets git talk to other repositories in two files alone: the push of the factory, and the doctor, who tries what is refused', () => {
    const those = (pattern: RegExp) =>
      [...sources].filter(([, source]) => pattern.test(source)).map(([file]) => file);
    // Everything else starts git with GIT_ALLOW_PROTOCOL=none.
    expect(those(/GIT_ALLOW_PROTOCOL|GIT_PROTOCOL_FROM_USER|protocol\.allow/).sort()).toEqual([
      'src/git/publish/push-branch.ts',
      'src/git/run/environment.ts',
      'src/git/worktree/try-push.ts',
    ]);
  });

  it('uses every package that it installs', () => {
    const { dependencies } = JSON.parse(readFileSync(`${TOP}package.json`, 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const imports = (source: string, name: string) =>
      // Looked for before it is parsed: that is what takes time.
      source.includes(`'${name}`) &&
      importsOf(source).some(({ specifier }) => specifier === name || specifier?.startsWith(`${name}/`));
    const unused = Object.keys(dependencies).filter(
      (name) => ![...sources.values()].some((source) => imports(source, name)),
    );
    expect(unused).toEqual([]);
  });
});

/** A tree of these files, and `main` with the import lines in question. */
function tree(main: string, text: string, ...others: string[]): string[] {
  return violations(new Map([...others.map((file): [string, string] => [file, 'export {};']), [main, text]]));
}

describe('the check itself', () => {
  it.each([
    [
      'a lower layer importing a higher one',
      'src/lib/a.ts',
      "import { x } from '../factory/gates/b.ts';",
      'src/factory/gates/b.ts',
    ],
    [
      'a rule importing an adapter',
      'src/factory/gates/a.ts',
      "import { x } from '../../git/b.ts';",
      'src/git/b.ts',
    ],
    [
      'a type import across layers',
      'src/factory/gates/a.ts',
      "import type { X } from '../../state/b.ts';",
      'src/state/b.ts',
    ],
    [
      'an adapter importing another adapter',
      'src/git/a.ts',
      "import { x } from '../llm/b.ts';",
      'src/llm/b.ts',
    ],
    [
      'an adapter importing a queue',
      'src/state/a.ts',
      "import { x } from '../queues/bus.ts';",
      'src/queues/bus.ts',
    ],
    [
      'an adapter importing more than types of Redis',
      'src/state/a.ts',
      "import { connect } from '../queues/redis/redis.ts';",
      'src/queues/redis/redis.ts',
    ],
    [
      'a queue importing an adapter',
      'src/queues/a.ts',
      "import { x } from '../state/b.ts';",
      'src/state/b.ts',
    ],
    [
      'a worker importing a producer',
      'src/workers/a.ts',
      "import { x } from '../producers/cli/b.ts';",
      'src/producers/cli/b.ts',
    ],
    [
      'a producer importing a worker, lazily',
      'src/producers/a.ts',
      "const m = await import('../workers/b.ts');",
      'src/workers/b.ts',
    ],
    [
      'an adapter importing the services',
      'src/git/a.ts',
      "import { x } from '../services.ts';",
      'src/services.ts',
    ],
    [
      'a queue importing the services',
      'src/queues/a.ts',
      "export * from '../services.ts';",
      'src/services.ts',
    ],
    [
      'a type taken by import()',
      'src/factory/gates/a.ts',
      "export type X = import('../git/b.ts').X;",
      'src/git/b.ts',
    ],
    [
      'a re-export across layers',
      'src/lib/a.ts',
      "export { x } from '../factory/gates/b.ts';",
      'src/factory/gates/b.ts',
    ],
    [
      'a room of the rules importing a later one',
      'src/factory/finance/a.ts',
      "import type { x } from '../gates/b.ts';",
      'src/factory/gates/b.ts',
    ],
    [
      'a model that imports more than the library',
      'src/factory/model/a.ts',
      "import type { x } from '../ports.ts';",
      'src/factory/ports.ts',
    ],
    [
      'a declaration of a queue that imports a rule',
      'src/queues/jobs/a.ts',
      "import type { x } from '../../factory/model/b.ts';",
      'src/factory/model/b.ts',
    ],
    ['a file outside of all rooms', 'src/extra/a.ts', "import { x } from '../lib/b.ts';", 'src/lib/b.ts'],
  ])('sees %s', (_what, file, text, other) => {
    expect(tree(file, text, other)).toEqual([expect.stringContaining(file)]);
  });

  it.each([
    ['bullmq away from its homes', 'src/queues/jobs/catalogue.ts', "import { Queue } from 'bullmq';"],
    ['a type of ioredis away from its home', 'src/state/a.ts', "import type { Redis } from 'ioredis';"],
    [
      'a part of a package away from its home',
      'src/producers/cli/a.ts',
      "import x from '@bull-board/api/bullMQAdapter';",
    ],
    ['a lazy import away from its home', 'src/producers/cli/a.ts', "const pino = await import('pino');"],
    ['a package without a home', 'src/lib/a.ts', "import x from 'left-pad';"],
    ['a Node module without node:', 'src/lib/a.ts', "import fs from 'fs';"],
    [
      'a rule that reaches the world',
      'src/factory/gates/a.ts',
      "import { readFile } from 'node:fs/promises';",
    ],
    [
      'a host program started without execa',
      'src/workers/a.ts',
      "import { execFile } from 'node:child_process';",
    ],
    [
      'simple-git on anything but repositories of the program',
      'src/git/history/a.ts',
      "import { simpleGit } from 'simple-git';",
    ],
    ['a computed import', 'src/lib/a.ts', "await import('./' + name);"],
    ['an import without its ending', 'src/lib/a.ts', "import { x } from './b';"],
    ['an import of a file that is not there', 'src/lib/a.ts', "import { x } from './b.ts';"],
  ])('sees %s', (_what, file, text) => {
    expect(tree(file, text)).toEqual([expect.stringContaining(file)]);
  });

  it('sees a second home of a model SDK', () => {
    const text = "import OpenAI from 'openai';";
    expect(violations(new Map([['src/llm/a.ts', text]]))).toEqual([]);
    expect(
      violations(
        new Map([
          ['src/llm/a.ts', text],
          ['src/llm/b.ts', text],
        ]),
      ),
    ).toEqual(['src/llm/a.ts and src/llm/b.ts import openai; one file is its home']);
  });

  it('sees a file that is too long', () => {
    expect(tree('src/lib/a.ts', 'export {};\n'.repeat(LONGEST_FILE))).toEqual([]);
    expect(tree('src/lib/a.ts', 'export {};\n'.repeat(LONGEST_FILE + 1))).toEqual([
      expect.stringContaining('lines'),
    ]);
  });

  it('sees a cycle, of types as well', () => {
    const other = (word: string): [string, string] => ['src/lib/b.ts', `import ${word} { a } from './a.ts';`];
    const own: [string, string] = ['src/lib/a.ts', "import { b } from './b.ts';"];
    for (const word of ['', 'type'])
      expect(violations(new Map([own, other(word)]))).toEqual([
        'src/lib/a.ts → src/lib/b.ts → src/lib/a.ts is a cycle',
      ]);
  });

  it('allows what the layers allow', () => {
    const allowed: [string, string, string][] = [
      ['src/factory/gates/a.ts', "import { x } from '../../lib/b.ts';", 'src/lib/b.ts'],
      ['src/factory/gates/a.ts', "import { x } from '../finance/b.ts';", 'src/factory/finance/b.ts'],
      ['src/factory/config/a.ts', "import { x } from '../../queues/jobs/b.ts';", 'src/queues/jobs/b.ts'],
      ['src/git/a.ts', "import { x } from '../factory/model/b.ts';", 'src/factory/model/b.ts'],
      [
        'src/state/a.ts',
        "import type { Redis } from '../queues/redis/redis.ts';",
        'src/queues/redis/redis.ts',
      ],
      [
        'src/state/c.ts',
        "import { type Redis } from '../queues/redis/redis.ts';",
        'src/queues/redis/redis.ts',
      ],
      ['src/workers/a.ts', "import { x } from '../services.ts';", 'src/services.ts'],
      ['src/bin/df.ts', "await import('../workers/main.ts');", 'src/workers/main.ts'],
      ['src/lib/a.ts', "import { z } from 'zod'; import { join } from 'node:path';", 'src/lib/b.ts'],
      ['src/llm/a.ts', 'await import(path);', 'src/lib/b.ts'],
    ];
    for (const [file, text, other] of allowed) expect(tree(file, text, other)).toEqual([]);
  });

  it('is not misled by text that looks like an import', () => {
    const text = "// import x from 'left-pad'\nexport const file = `\nimport y from 'left-pad';\n`;";
    expect(tree('src/lib/a.ts', text)).toEqual([]);
  });
});
