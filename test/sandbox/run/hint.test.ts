import { describe, expect, it } from 'vitest';
import { hintFor } from '../../../src/sandbox/run/hint.ts';

const READ_ONLY = "fatal: Unable to create '/r/.git/worktrees/w/index.lock': Read-only file system";

describe('hintFor', () => {
  it.each([
    'git push',
    'git push --no-verify origin HEAD',
    'git -c core.hooksPath=/dev/null push',
    'cd x && git -C . push',
    '(git push)',
  ])('says of %j that pushing is never possible', (command) => {
    expect(hintFor(command, 'fatal: anything')).toMatch(/Pushing is never possible/);
  });

  it.each(['git add .', 'git commit -m "x"', 'npm test && git commit -am x', 'git rm a'])(
    'sends %j to the commit tool when the repository refused',
    (command) => {
      expect(hintFor(command, READ_ONLY)).toMatch(/commit tool/);
    },
  );

  it.each(['git checkout -- a', 'git stash', 'git reset --hard', 'git restore a'])(
    'tells how to take back a change instead of %j',
    (command) => {
      expect(hintFor(command, READ_ONLY)).toMatch(/git show HEAD:/);
      expect(hintFor(command, '')).toMatch(/git show HEAD:/);
    },
  );

  it('speaks of the configuration when that could not be locked', () => {
    expect(
      hintFor(
        'git config user.name x',
        'error: could not lock config file .git/config: Read-only file system',
      ),
    ).toMatch(/configuration/);
  });

  it.each([
    ['curl http://x', 'curl: (6) Could not resolve host: x'],
    ['npm install', 'npm error code EAI_AGAIN'],
    ['pip install x', 'Temporary failure in name resolution'],
    ['git fetch', 'fatal: unable to access'],
  ])('says that there is no network when %j fails so', (command, output) => {
    expect(hintFor(command, output)).toMatch(/no network/);
  });

  it('names the places that can be written, and limits of size', () => {
    expect(hintFor('touch /usr/x', "touch: cannot touch '/usr/x': Read-only file system")).toMatch(
      /Only the worktree/,
    );
    expect(hintFor('dd if=/dev/zero of=/tmp/x', 'No space left on device')).toMatch(/limit/);
  });

  it.each([
    ['npm test', '2 tests failed'],
    ['git log --grep push', 'fatal: bad revision'],
    ['echo "git"', ''],
    ['git commit', 'nothing to commit, working tree clean'],
    ['cat x', 'cat: x: Permission denied'],
    ['digit push', 'no such command'],
  ])('has nothing to say of %j with %j', (command, output) => {
    expect(hintFor(command, output)).toBeNull();
  });
});
