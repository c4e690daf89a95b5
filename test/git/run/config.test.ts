import { describe, expect, it } from 'vitest';
import { filterGuards, parseSettings } from '../../../src/git/run/config.ts';

const OWN = 'file:/repo/.git/config';
const list = (...entries: [origin: string, entry: string][]) =>
  entries.map(([origin, entry]) => `${origin}\0${entry}\0`).join('');

/** Where the work tree is, which git calls `.`. */
const TOLD = 'GIT_WORK_TREE=$(pwd) && export GIT_WORK_TREE &&';

describe('parseSettings', () => {
  it('trusts what comes before the first entry of the repository, and nothing after it', () => {
    const { settings } = parseSettings(
      list(
        ['file:/etc/gitconfig', 'filter.lfs.clean\ngit-lfs clean'],
        ['file:/home/me/.gitconfig', 'user.name\nMe'],
        [OWN, 'core.bare\nfalse'],
        ['file:/repo/shared.cfg', 'filter.x.clean\nevil'],
        ['file:/repo/.git/config.worktree', 'core.hookspath\n/hooks'],
      ),
      OWN,
    );
    expect(settings.map(({ key, outside }) => [key, outside])).toEqual([
      ['filter.lfs.clean', true],
      ['user.name', true],
      ['core.bare', false],
      ['filter.x.clean', false],
      ['core.hookspath', false],
    ]);
  });

  it('trusts nothing when the file of the repository does not show up', () => {
    const { settings } = parseSettings(list(['file:/home/me/.gitconfig', 'filter.x.clean\nc']), OWN);
    expect(settings).toEqual([{ key: 'filter.x.clean', value: 'c', outside: false }]);
  });

  it('keeps values of several lines and keys without a value, and leaves our own command line out', () => {
    const { settings, origins } = parseSettings(
      list(['command line:', 'core.pager\ncat'], [OWN, 'alias.x\n!a\nb'], [OWN, 'core.flag']),
      OWN,
    );
    expect(settings).toEqual([
      { key: 'alias.x', value: '!a\nb', outside: false },
      { key: 'core.flag', value: null, outside: false },
    ]);
    expect(origins).toEqual(['/repo/.git/config']);
  });
});

describe('filterGuards', () => {
  const at = (outside: boolean, key: string, value: string) => ({ key, value, outside });

  it('A45 filter-plant: switches off what the repository says about a filter', () => {
    expect(filterGuards([at(false, 'filter.evil.process', 'sh -c evil')])).toEqual([
      'filter.evil.process=',
      'filter.evil.required=false',
    ]);
    expect(filterGuards([at(false, 'filter.x.clean', 'c'), at(false, 'filter.x.required', 'true')])).toEqual([
      'filter.x.clean=',
      'filter.x.required=false',
    ]);
  });

  it('A161 filter-module: starts a filter of the owner where no agent writes', () => {
    const settings = [
      at(true, 'filter.lfs.process', 'git-lfs filter-process'),
      at(true, 'filter.lfs.clean', 'git-lfs clean -- %f'),
      at(true, 'filter.lfs.smudge', ''),
      at(true, 'filter.lfs.required', 'true'),
    ];
    expect(filterGuards(settings)).toEqual([
      `filter.lfs.clean=${TOLD} cd "$(git rev-parse --git-path objects)/." && git-lfs clean -- %f`,
      'filter.lfs.smudge=',
      `filter.lfs.process=${TOLD} cd / && git-lfs filter-process`,
    ]);
  });

  it('puts the owner’s program back where the repository renames it', () => {
    const guards = filterGuards([
      at(true, 'filter.lfs.process', 'git-lfs filter-process'),
      at(true, 'filter.lfs.required', 'true'),
      at(false, 'filter.lfs.process', 'evil'),
    ]);
    expect(guards).toContain(`filter.lfs.process=${TOLD} cd / && git-lfs filter-process`);
    expect(guards).toContain('filter.lfs.required=true');
  });

  it('refuses a name that a command line cannot overrule', () => {
    for (const outside of [false, true])
      expect(() => filterGuards([at(outside, 'filter.a=b.clean', 'x')])).toThrow('cannot be switched off');
  });

  it('reads names with dots', () => {
    expect(filterGuards([at(false, 'filter.a.b.clean', 'evil')])).toContain('filter.a.b.clean=');
  });
});
