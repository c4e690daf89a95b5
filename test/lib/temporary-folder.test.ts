import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { processNamespace } from '../../src/lib/process/others.ts';
import { makeTemporaryFolder, removeLeftFolders } from '../../src/lib/temporary-folder.ts';

/** Above every id that a system gives out. */
const DEAD = 99_999_999;
let parent: string;
let left: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'df-left-'));
  left = join(parent, `df-sandbox-${processNamespace()}-${DEAD}-abc`);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

test('folders of processes that are gone are removed, those of living ones stay', () => {
  mkdirSync(join(left, 'a'), { recursive: true });
  const { folder, close } = makeTemporaryFolder('merge', parent);
  expect(existsSync(left)).toBe(false);
  expect(removeLeftFolders(parent)).toEqual([]);
  expect(existsSync(folder)).toBe(true);
  close();
});

test('A172 planted-folder: one of another user, or a link, is left alone, whatever it is called', () => {
  mkdirSync(join(left, 'a'), { recursive: true });
  writeFileSync(join(left, 'a/file'), '');
  const own = process.getuid?.() ?? 0;
  const getuid = vi.spyOn(process, 'getuid').mockReturnValue(own + 1);
  try {
    expect(removeLeftFolders(parent)).toEqual([]);
  } finally {
    getuid.mockRestore();
  }
  expect(existsSync(join(left, 'a/file'))).toBe(true);
  symlinkSync(left, `${left}d`);
  expect(removeLeftFolders(parent)).toEqual([left]);
  expect(readdirSync(parent)).toHaveLength(1);
});
