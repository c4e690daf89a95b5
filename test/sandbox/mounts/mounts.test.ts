import { describe, expect, it } from 'vitest';
import { hide, inOrder, isInside, type Mount, withoutNested } from '../../../src/sandbox/mounts/mounts.ts';

const shown = (target: string): Mount => ({ kind: 'read-only', source: target, target });

describe('mounts', () => {
  it('puts parents before what lies in them, whatever order they come in', () => {
    const mounts: Mount[] = [
      shown('/tmp/h/wt/.git'),
      shown('/usr'),
      { kind: 'scratch', target: '/tmp', bytes: 1 },
      shown('/tmp/h/wt'),
    ];
    expect(inOrder(mounts).map(({ target }) => target)).toEqual([
      '/usr',
      '/tmp',
      '/tmp/h/wt',
      '/tmp/h/wt/.git',
    ]);
  });

  it('makes one mount of two at one place: the later', () => {
    const writable: Mount = { kind: 'writable', source: '/a', target: '/a' };
    expect(inOrder([shown('/a'), writable])).toEqual([writable]);
  });

  it.each([
    ['/a/wt', '/a/wt', true],
    ['/a/wt/b', '/a/wt', true],
    ['/a/wt-evil/b', '/a/wt', false],
    ['/a', '/a/wt', false],
    ['/a', '/', true],
  ])('knows of %s and %s: inside is %s', (path, folder, inside) => {
    expect(isInside(path, folder)).toBe(inside);
  });

  it('hides a place only where something shown contains it, and never what is shown itself', () => {
    expect(hide(['/usr/home', '/home/me', '/opt/tool'], [shown('/usr'), shown('/opt/tool')])).toEqual([
      { kind: 'empty', target: '/usr/home' },
    ]);
  });

  it('leaves out folders that a wider one shows', () => {
    expect(withoutNested(['/a/b/c', '/a/b', '/a/b', '/a/bc'])).toEqual(['/a/b', '/a/bc']);
  });
});
