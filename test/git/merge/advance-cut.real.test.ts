import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stage, write } from './advance-support.ts';

describe('an advance that was killed half-way', () => {
  const FILES = {
    'a.txt': 'a\n',
    'b.txt': 'b\n',
    'c.txt': 'c\n',
    'd.txt': 'd\n',
    '.gitattributes': '*.crlf eol=crlf\n',
  };
  const change = async (child: string) => {
    await write(child, 'a.txt', 'changed a\n');
    await write(child, 'b.txt', 'changed b\n');
    await rm(join(child, 'c.txt'));
    await write(child, 'new.crlf', 'one\r\ntwo\r\n');
  };

  it('is ended, with a file that was cut short and one that was taken away only', async () => {
    const s = await stage(FILES);
    const to = await s.next(change);
    await s.halfWay(to);
    await s.put('a.txt', 'chang');
    await rm(join(s.worktree, 'b.txt'));
    await s.put('new.crlf', 'one\r\nt');
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.read('a.txt')).toBe('changed a\n');
    expect(await s.read('new.crlf')).toBe('one\r\ntwo\r\n');
    expect(await s.status()).toBe('');
    expect(await s.head()).toBe(to);
  });

  it('is left alone when somebody changed a file meanwhile', async () => {
    const s = await stage(FILES);
    const to = await s.next(change);
    await s.halfWay(to);
    await s.put('a.txt', 'by hand\n');
    expect(await s.advance(to)).toBe('dirty');
    await s.put('a.txt', 'a\n');
    await s.put('d.txt', 'by hand\n');
    expect(await s.advance(to)).toBe('dirty');
    expect(await s.read('d.txt')).toBe('by hand\n');
    expect(await s.head()).toBe(s.base);
    await s.put('d.txt', 'd\n');
    await s.put('mine.txt', 'by hand\n');
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.read('mine.txt')).toBe('by hand\n');
    expect(await s.status()).toBe('?? mine.txt');
  });

  it('makes way for one to another commit', async () => {
    const s = await stage(FILES);
    const first = await s.next(change);
    const second = await s.next((child) => write(child, 'd.txt', 'second\n'));
    await s.halfWay(first);
    await s.put('a.txt', 'changed a\n');
    await s.put('new.crlf', 'one\r\n');
    expect(await s.advance(second)).toBe('advanced');
    expect(await s.read('a.txt')).toBe('a\n');
    expect(existsSync(join(s.worktree, 'new.crlf'))).toBe(false);
    expect(await s.status()).toBe('');
  });

  it('is ended before anything is committed, so that no half of it is taken for work', async () => {
    const s = await stage(FILES);
    const to = await s.next(change);
    await s.halfWay(to);
    await s.put('a.txt', 'changed a\n');
    const trailers = { project: 'p', step: 'engineer/1/a' };
    expect(await s.git.commitChanges(s.repository.dir, s.worktree, 'x', trailers)).toBeNull();
    expect(await s.head()).toBe(to);
    expect(await s.status()).toBe('');
  });

  it('is forgotten when the branch went on by hand', async () => {
    const s = await stage(FILES);
    const to = await s.next(change);
    await s.halfWay(to);
    await s.repository.gitIn(s.worktree, 'commit', '-q', '--allow-empty', '-m', 'By hand');
    const by = await s.head();
    expect(await s.advance(to)).toBe('moved');
    expect(await s.head()).toBe(by);
    expect(await s.status()).toBe('');
    expect(existsSync(join(s.admin, 'dark-factory/advance.json'))).toBe(false);
  });
});
