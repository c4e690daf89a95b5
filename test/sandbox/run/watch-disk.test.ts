import { expect, test } from 'vitest';
import { ALWAYS, ALWAYS_FILES, fillsDisk, fillsFiles } from '../../../src/sandbox/run/watch-disk.ts';

const RESERVE = 1_000_000_000;
const low = { free: RESERVE - 1, fallen: ALWAYS + 1, written: ALWAYS + 1 };

test('a command that writes ends when the reserve is touched, and not before', () => {
  expect(fillsDisk(low, RESERVE)).toBe(true);
  expect(fillsDisk({ ...low, free: RESERVE }, RESERVE)).toBe(false);
});

test('a command that writes little may go on beside one that fills the disk', () => {
  expect(fillsDisk({ ...low, written: ALWAYS }, RESERVE)).toBe(false);
});

test('below half of the reserve every command ends that runs while the disk fills', () => {
  expect(fillsDisk({ ...low, free: RESERVE / 2 - 1, written: 0 }, RESERVE)).toBe(true);
});

test('on a disk that is full already commands run that write little, so that somebody can clean up', () => {
  expect(fillsDisk({ free: 0, fallen: ALWAYS, written: ALWAYS * 2 }, RESERVE)).toBe(false);
});

test('where the system does not tell who writes, the fall alone counts', () => {
  expect(fillsDisk({ ...low, written: null }, RESERVE)).toBe(true);
});

test('a reserve of nothing ends nothing', () => {
  expect(fillsDisk({ ...low, free: 0 }, 0)).toBe(false);
});

const fewFiles = { total: 1_000_000, free: 49_999, fallen: ALWAYS_FILES + 1 };

test('a command ends that runs while the disk runs out of files, and not before', () => {
  expect(fillsFiles(fewFiles)).toBe(true);
  expect(fillsFiles({ ...fewFiles, free: 50_000 })).toBe(false);
});

test('on a disk without room for files already commands run that make few', () => {
  expect(fillsFiles({ ...fewFiles, free: 0, fallen: ALWAYS_FILES })).toBe(false);
});

test('a file system that does not count files never runs out of them', () => {
  expect(fillsFiles({ total: 0, free: 0, fallen: ALWAYS_FILES + 1 })).toBe(false);
});
