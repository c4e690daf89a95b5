import { describe, expect, it } from 'vitest';
import type { Inside } from '../../src/sandbox/mechanisms/mechanism.ts';
import { seatbeltProfile } from '../../src/sandbox/mechanisms/sandbox-exec.ts';

const inside: Inside = {
  mounts: [
    { kind: 'read-only', source: '/repo/.git', target: '/repo/.git' },
    { kind: 'read-only', source: '/private/copy', target: '/repo/.git/config' },
    { kind: 'empty', target: '/Users/me/.dark-factory' },
    { kind: 'read-only', source: '/Users/me', target: '/Users/me' },
    {
      kind: 'writable',
      source: '/Users/me/.dark-factory/wt "x"\\',
      target: '/Users/me/.dark-factory/wt "x"\\',
    },
    {
      kind: 'read-only',
      source: '/Users/me/.dark-factory/wt "x"\\/.git',
      target: '/Users/me/.dark-factory/wt "x"\\/.git',
    },
    { kind: 'scratch', target: '/tmp', bytes: 1 },
  ],
  cwd: '/x',
  network: false,
  env: {},
  argv: [],
};
const profile = (more: Partial<Inside> = {}) =>
  seatbeltProfile({ ...inside, ...more }, ['/scratch'], (path) => path.replace(/^\/tmp/, '/private/tmp'));

/** What the last rule that names the path as a sub-path or literal says of the operation, as Seatbelt decides. */
function verdict(text: string, operation: string, path: string): string | undefined {
  const rules = text.split('\n').filter((line) => line.includes(operation) && line.includes('path "'));
  const named = rules.filter((line) =>
    [...line.matchAll(/\(subpath "((?:[^"\\]|\\.)*)"\)/g)].some(([, folder = '']) =>
      `${path}/`.startsWith(`${folder.replace(/\\(.)/g, '$1')}/`),
    ),
  );
  return named.at(-1)?.slice(1, 6).trim();
}

describe('the profile for sandbox-exec', () => {
  it('denies everything that is not allowed by name', () => {
    expect(profile().split('\n').slice(0, 2)).toEqual(['(version 1)', '(deny default)']);
  });

  it('lets the worktree be written but not its .git, nor the repository', () => {
    const worktree = '/Users/me/.dark-factory/wt "x"\\';
    expect(verdict(profile(), 'file-write*', `${worktree}/src/a`)).toBe('allow');
    expect(verdict(profile(), 'file-write*', `${worktree}/.git`)).toBe('deny');
    expect(verdict(profile(), 'file-write*', '/repo/.git/hooks/x')).toBe('deny');
    expect(verdict(profile(), 'file-read*', '/repo/.git/HEAD')).toBe('allow');
    expect(verdict(profile(), 'file-write*', '/scratch/x')).toBe('allow');
  });

  it('hides the factory home inside a home that is shown', () => {
    expect(verdict(profile(), 'file-read*', '/Users/me/.dark-factory/master.key')).toBe('deny');
    expect(verdict(profile(), 'file-read*', '/Users/me/notes')).toBe('allow');
  });

  it('closes the network and every Unix socket', () => {
    expect(profile()).not.toMatch(/allow network/);
    expect(profile()).toContain('(deny network-outbound (remote unix-socket))');
    expect(profile({ network: true })).toContain('(allow network-outbound)');
  });

  it('writes a path so that it cannot end its string', () => {
    expect(profile()).toContain('(subpath "/Users/me/.dark-factory/wt \\"x\\"\\\\")');
  });

  it('has its brackets balanced', () => {
    const bare = profile({ network: true }).replace(/"(?:[^"\\]|\\.)*"/g, '');
    expect(bare.split('(').length).toBe(bare.split(')').length);
  });
});
