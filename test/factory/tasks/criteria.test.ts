import { describe, expect, it } from 'vitest';
import type { TaskList } from '../../../src/factory/model/task.ts';
import { addTasks } from '../../../src/factory/tasks/list/add.ts';
import { cannotFail, criteriaOfPersona } from '../../../src/factory/tasks/proof/criteria.ts';
import { uuidFrom } from '../../../src/lib/ids.ts';
import { NOW, PROJECT_ID } from '../../support/samples.ts';

const EMPTY: TaskList = { schemaVersion: 1, version: 0, projectId: PROJECT_ID, tasks: [] };

describe('a criterion that cannot fail', () => {
  it.each([
    'true',
    ':',
    ' true ',
    'exit',
    'exit 0',
    'exit 0;',
    '/bin/true',
    'echo',
    'echo ""',
    'echo "all tests passed"',
    'printf ok',
    'sh -c "exit 0"',
    "bash -c 'true'",
    '(true)',
    '{ true; }',
    'true && exit 0',
    'true # npm test',
    'npm test || true',
    'npm test; exit 0',
    'npm test ; true',
    'npm test\ntrue',
    'npm test || echo failed',
    "sh -c 'npm test || :'",
    '# only a comment',
  ])('is seen in %j', (command) => {
    expect(cannotFail({ command })).toEqual(expect.any(String));
  });

  it.each([
    'npm test',
    'npm test && echo passed',
    'npm test && exit 0',
    'test -f a || exit 1',
    'echo "$(node sum.js)" | grep -q 5',
    'echo `cat a` > b',
    'truecolor',
    'set -e; npm test; true',
    'node -e "process.exit(0)"',
    'grep -q "|| true" Makefile',
    '! grep -rn TODO src',
  ])('is not seen in %j', (command) => {
    expect(cannotFail({ command })).toBeNull();
  });

  it('is one that always gives the code that is expected', () => {
    expect(cannotFail({ command: 'false', expectedExitCode: 1 })).toEqual(expect.any(String));
    expect(cannotFail({ command: 'true', expectedExitCode: 1 })).toBeNull();
    expect(cannotFail({ command: 'false' })).toBeNull();
  });
});

describe('tasks and their criteria', () => {
  const ids = [uuidFrom('a')];

  it('a criterion that cannot fail is refused with the reason, and nothing is added', () => {
    const criteria = [{ name: 'fine', command: 'true' }];
    expect(addTasks(EMPTY, [{ title: 'A', criteria }], { now: NOW, ids })).toEqual({
      ok: false,
      problem: expect.stringMatching(/"A".*"fine".*proves nothing/),
    });
  });

  it('two criteria of one name are refused, and nothing is added', () => {
    const criteria = [
      { name: 'tests', command: 'npm test -- a' },
      { name: 'tests', command: 'npm test -- b' },
    ];
    expect(addTasks(EMPTY, [{ title: 'A', criteria }], { now: NOW, ids })).toEqual({
      ok: false,
      problem: expect.stringMatching(/"A": two criteria have the name "tests"/),
    });
  });

  it("a task without criteria takes over the persona's and is marked", () => {
    const personaCriteria = criteriaOfPersona([
      { name: 'Tests', command: 'npm test', expectedExitCode: 0, source: 'package.json' },
      { name: 'Linter', command: null, expectedExitCode: 0, source: 'persona' },
    ]);
    const added = addTasks(EMPTY, [{ title: 'A' }], { now: NOW, ids, personaCriteria });
    expect(added.ok && added.value.tasks[0]).toMatchObject({
      weaklySpecified: true,
      criteria: [{ name: 'Tests', command: 'npm test', fromPersona: true }],
    });
  });

  it('a task with criteria of its own is not marked', () => {
    const criteria = [{ name: 'runs', command: 'npm test' }];
    const added = addTasks(EMPTY, [{ title: 'A', criteria }], { now: NOW, ids });
    expect(added.ok && added.value.tasks[0]).not.toHaveProperty('weaklySpecified');
  });
});
