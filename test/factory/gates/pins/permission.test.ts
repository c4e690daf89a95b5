import { describe, expect, it } from 'vitest';
import {
  isKept,
  mayDelete,
  type PermissionTexts,
  permission,
} from '../../../../src/factory/gates/pins/permission.ts';

const PATH = 'test/sum.test.js';
const owner = (...texts: string[]): PermissionTexts => ({ allowAll: false, owner: texts, agents: [] });
const agents = (...texts: string[]): PermissionTexts => ({ allowAll: false, owner: [], agents: texts });

describe('a leave of the owner’s to change what only helps tests', () => {
  const helper = (text: string) => permission(owner(text), 'test/helpers.js');

  it.each([
    'Fix test/helpers.js: change same so that it compares with b itself.',
    'Fix the bug in test/helpers.js.',
    'Fix helpers.js, which compares with the wrong number.',
  ])('is an order to fix it: %s', (text) => {
    expect(helper(text)).toBe('owner');
  });

  it.each([
    'Fix the bug that makes test/helpers.js fail.',
    'Fix the failing tests in test/.',
    'Fix the failure that test/helpers.js reports.',
    'Fix the bug in sum.js, see test/helpers.js.',
    'Fix add. Do not change test/helpers.js.',
  ])('is not given by: %s', (text) => {
    expect(helper(text)).toBeNull();
  });

  it('is not given for a test of that name', () => {
    expect(permission(owner('Fix the bug in test/helpers.test.js.'), 'test/helpers.test.js')).toBeNull();
    expect(permission(owner('Fix tests/test_utils.py.'), 'tests/test_utils.py')).toBeNull();
  });
});

describe('a leave of the owner’s to change a test', () => {
  it.each([
    'Update test/sum.test.js.',
    'Change the test test/sum.test.js, which expects the wrong sum.',
    'Change the expected sum in `test/sum.test.js` to 6.',
    'Please rewrite test/sum.test.js to use node:test.',
    'Fix add() and adapt test/sum.test.js accordingly.',
    'Update sum.js and test/sum.test.js.',
    'Rename add to plus in sum.js, lib.js and test/sum.test.js.',
    'The discount becomes 15 %. Adjust sum.test.js to match.',
    'Fix the wrong expectation in test/sum.test.js.',
    'Correct the typo in test/sum.test.js.',
    'You may edit test/sum.test.js.',
    'Feel free to change test/sum.test.js.',
    'test/sum.test.js must be updated.',
    'test/sum.test.js should be rewritten.',
    'test/sum.test.js may change.',
    'test/sum.test.js needs to be adapted to the new sum.',
    'test/sum.test.js needs an update.',
    'In test/sum.test.js, change 5 to 6.',
    'test/sum.test.js: update the expected sum.',
    "Don't forget to update test/sum.test.js.",
    'When the discount changes, update test/sum.test.js.',
    'Move test/sum.test.js to test/unit/.',
    'Make the changes in test/sum.test.js that the new sum asks for.',
    'Change these files:\n- sum.js\n- test/sum.test.js',
    'Update the failing test in test/sum.test.js: 2 + 3 is 6 here.',
    'The task is to update test/sum.test.js.',
    'Update sum.js as well as test/sum.test.js.',
    'Update the snapshots in test/.',
    'Delete test/sum.test.js.',
    'Replace 5 by 6 in test/sum.test.js.',
    'Split test/sum.test.js into two files.',
    'test/sum.test.js will have to be updated as well.',
  ])('is given by: %s', (text) => {
    expect(permission(owner(text), PATH)).toBe('owner');
  });

  it.each([
    'Fix the bug that makes test/sum.test.js fail.',
    'Make the tests in test/sum.test.js pass.',
    'test/sum.test.js is red.',
    'Fix test/sum.test.js.',
    'Fix the failing test in test/sum.test.js.',
    'Get test/sum.test.js green again.',
    'Change add so that test/sum.test.js passes.',
    'Change sum.js until test/sum.test.js is green.',
    'Update add to make test/sum.test.js pass.',
    'Update sum.js, see test/sum.test.js.',
    'Change add as test/sum.test.js expects.',
    'Change add according to test/sum.test.js.',
    'Rewrite add for test/sum.test.js.',
    'Change add in sum.js, which test/sum.test.js covers.',
    'Change the function test/sum.test.js checks.',
    'Change whatever breaks test/sum.test.js.',
    'Update sum.js and run test/sum.test.js.',
    'Update sum.js and test test/sum.test.js.',
    'Change add (test/sum.test.js is red).',
    'Change the code tested by test/sum.test.js.',
    'Somebody changed test/sum.test.js and since then it fails.',
    'The last change in test/sum.test.js broke the build.',
    'Since the change to test/sum.test.js the build is red.',
    'Find out who may change test/sum.test.js.',
    'Tell me if test/sum.test.js must be changed.',
    'If you need to change test/sum.test.js, ask me.',
    'Do not touch test/sum.test.js.',
    "Don't change test/sum.test.js.",
    'Fix add without changing test/sum.test.js.',
    'Leave test/sum.test.js as it is.',
    'test/sum.test.js must not be changed.',
    'Update sum.js and leave test/sum.test.js alone.',
    'There is no need to change test/sum.test.js.',
    'Change sum.js instead of editing test/sum.test.js.',
    'Nobody may change test/sum.test.js.',
    'Never delete test/sum.test.js.',
    'Add a test to test/sum.test.js.',
    'test/sum.test.js: add must return 5.',
    'test/sum.test.js shows how to change it.',
    'Run test/sum.test.js and change what it complains about.',
    'Improve add; test/sum.test.js tells whether it works.',
    'Update test/sum.test.js.snap.',
    'Write a function that passes test/sum.test.js.',
    'Remove the bug in sum.js that test/sum.test.js found.',
    'Replace the loop; afterwards test/sum.test.js still passes.',
    'Remove the failures in test/sum.test.js.',
    'Remove the cause of the failure in test/sum.test.js.',
    'Change the rounding error reported in test/sum.test.js.',
    'Adapt sum.js to test/sum.test.js.',
    'Rewrite sum.js. All of test/sum.test.js has to pass.',
    'Use test/sum.test.js as the specification and change add.',
    'Change nothing in test/sum.test.js.',
  ])('is not given by: %s', (text) => {
    expect(permission(owner(text), PATH)).toBeNull();
  });

  it('is not given by another sentence where one says that the file stays', () => {
    expect(permission(owner('Update test/sum.test.js.', 'Do not touch test/sum.test.js.'), PATH)).toBe(
      'owner',
    );
    expect(permission(owner('Update test/ and sum.js. Do not touch test/sum.test.js.'), PATH)).toBeNull();
  });

  it('without a name is worth as much as an agent’s own task', () => {
    for (const text of [
      'The discount becomes 15 %. Update the tests accordingly.',
      'Rename add to plus, and adapt the existing tests.',
      'Existing tests may be changed.',
    ])
      expect(permission(owner(text), PATH), text).toBe('task');
    for (const text of ['Add tests.', 'Fix the tests.', 'Make the tests pass.', 'Do not change the tests.'])
      expect(permission(owner(text), PATH), text).toBeNull();
    expect(permission(owner('Update the tests.'), 'package.json')).toBeNull();
  });
});

describe('a leave to delete tests', () => {
  it('speaks of deleting, removing or skipping that very test', () => {
    for (const text of [
      'Delete test/sum.test.js.',
      'Remove the tests in test/sum.test.js.',
      'Get rid of test/sum.test.js.',
      'test/sum.test.js can go.',
      'test/sum.test.js may be removed.',
      'Skip test/sum.test.js for now.',
    ])
      expect(mayDelete(owner(text), PATH), text).toBe(true);
    for (const text of ['Update test/sum.test.js.', 'Remove add; test/sum.test.js must pass.'])
      expect(mayDelete(owner(text), PATH), text).toBe(false);
  });
});

describe('a task of the agent’s own', () => {
  it('allows by naming the file, its name alone or its folder', () => {
    expect(permission(agents('Update test/sum.test.js'), PATH)).toBe('task');
    expect(permission(agents('The sum is another: sum.test.js'), PATH)).toBe('task');
    expect(permission(agents('New snapshots in test/__snapshots__/'), 'test/__snapshots__/a.snap')).toBe(
      'task',
    );
    expect(permission(agents('Run the test of sum'), PATH)).toBeNull();
    expect(mayDelete(agents('Delete test/sum.test.js'), PATH)).toBe(false);
  });

  it('allows nothing that it says is to stay, or that the owner said is to stay', () => {
    expect(permission(agents('Fix add without touching test/sum.test.js'), PATH)).toBeNull();
    const kept = owner('Fix add. Leave the tests as they are.');
    expect(isKept(kept, PATH)).toBe(true);
    expect(permission({ ...kept, agents: ['Update test/sum.test.js'] }, PATH)).toBeNull();
  });
});

describe('a leave to change another definition of proof', () => {
  it('may be to add to it or to fix it', () => {
    for (const text of [
      'Fix the test script in package.json.',
      'Add a script named build to package.json.',
      'Fix the lint rule in package.json.',
      'Add a package.json script for the docs.',
    ])
      expect(permission(owner(text), 'package.json'), text).toBe('owner');
    for (const text of ['npm test in package.json fails.', 'Find out why package.json is read twice.'])
      expect(permission(owner(text), 'package.json'), text).toBeNull();
  });
});
