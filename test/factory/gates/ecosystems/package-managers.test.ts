import { describe, expect, it } from 'vitest';
import { ECOSYSTEMS } from '../../../../src/factory/gates/ecosystems/all.ts';
import { MANAGERS } from '../../../../src/factory/gates/ecosystems/node/managers.ts';
import { isLockFile } from '../../../../src/factory/gates/pins/definitions.ts';
import { filesAsTree } from './files-as-tree.ts';

describe.each(MANAGERS.map((each) => [each.name, each] as const))('the package manager %s', (name, each) => {
  const node = ECOSYSTEMS[0];

  it('is found by its lock file, and by its name in package.json', async () => {
    const scripts = { test: 'x', lint: 'y' };
    const devDependencies = { a: '1' };
    for (const lock of each.lockFiles) {
      const files = { 'package.json': JSON.stringify({ scripts, devDependencies }), [lock]: '' };
      expect(await node?.find(filesAsTree(files))).toMatchObject({
        test: { command: each.run('test') },
        setup: { command: each.install, source: lock },
      });
      expect(isLockFile(lock)).toBe(true);
    }
    const pinned = {
      'package.json': JSON.stringify({ scripts, devDependencies, packageManager: `${name}@1.2.3` }),
    };
    expect(await node?.find(filesAsTree(pinned))).toMatchObject({
      lint: { command: each.run('lint') },
      setup: { command: each.unlocked, unlocked: true },
    });
  });
});

describe('Maven and Gradle', () => {
  const all = async (files: Record<string, string>) => {
    for (const { find } of ECOSYSTEMS) {
      const found = await find(filesAsTree(files));
      if (found.test) return found;
    }
    return {};
  };

  it('stand behind a Makefile that tests', async () => {
    const files = { 'pom.xml': '<project/>', Makefile: 'test:\n\tmvn test\n' };
    expect((await all(files)).test?.command).toBe('make test');
  });

  it('are run by the wrapper where Maven has one, and by the linters and formatters that the build names', async () => {
    const plugins = '<project>maven-checkstyle-plugin spotless-maven-plugin</project>';
    expect(await all({ 'pom.xml': plugins, mvnw: '' })).toMatchObject({
      test: { command: './mvnw -B -o test' },
      lint: { command: './mvnw -B -o checkstyle:check' },
      format: { command: './mvnw -B -o spotless:check' },
    });
    const build = "plugins { id 'checkstyle'; id 'com.diffplug.spotless' version '6' }";
    expect(await all({ 'settings.gradle': '', 'build.gradle': build, gradlew: '' })).toMatchObject({
      test: { command: 'gradle --offline --no-daemon test' },
      lint: { command: 'gradle --offline --no-daemon checkstyleMain checkstyleTest' },
      format: { command: 'gradle --offline --no-daemon spotlessCheck' },
    });
  });
});
