import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withinGroups } from '../../src/lib/process/machine.ts';

const GIB = 1024 ** 3;
const HOST = { available: 48 * GIB, total: 64 * GIB };
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'df-groups-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function files(of: Record<string, string | number>): Promise<void> {
  for (const [name, text] of Object.entries(of)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), `${text}\n`);
  }
}

test('memory in a container of version 2 is the container’s, and files that are only cached count as free', async () => {
  await files({
    'memory.max': 4 * GIB,
    'memory.current': 3 * GIB,
    'memory.stat': `anon ${GIB}\ninactive_file ${2 * GIB}\nactive_file 0`,
  });
  expect(withinGroups(HOST, '0::/\n', root)).toEqual({ available: 3 * GIB, total: 4 * GIB });
});

test('memory in a container of version 1 is the container’s', async () => {
  await files({
    'memory/docker/x/memory.limit_in_bytes': 2 * GIB,
    'memory/docker/x/memory.usage_in_bytes': GIB,
    'memory/docker/x/memory.stat': 'total_inactive_file 0',
  });
  const own = '5:cpu:/docker/x\n4:memory,hugetlb:/docker/x\n0::/\n';
  expect(withinGroups(HOST, own, root)).toEqual({ available: GIB, total: 2 * GIB });
});

test('the smallest limit above counts, and less on the machine itself counts more', async () => {
  await files({
    'a.slice/memory.max': 8 * GIB,
    'a.slice/memory.current': 7 * GIB,
    'a.slice/b.scope/memory.max': 'max',
    'a.slice/b.scope/memory.current': GIB,
  });
  expect(withinGroups(HOST, '0::/a.slice/b.scope\n', root)).toEqual({ available: GIB, total: 8 * GIB });
  const full = { available: GIB / 2, total: 64 * GIB };
  expect(withinGroups(full, '0::/a.slice/b.scope\n', root).available).toBe(GIB / 2);
});

test.each([
  ['', {}],
  ['0::/\n', { 'memory.max': 'max' }],
  ['0::/\n', { 'memory.max': 128 * GIB, 'memory.current': 0 }],
  ['4:memory:/\n', { 'memory/memory.limit_in_bytes': '9223372036854771712' }],
  ['0::/../other\n', {}],
  ['no group', {}],
])('without a limit of groups memory is the machine’s: %j', async (own, of) => {
  await files(of);
  expect(withinGroups(HOST, own, root)).toEqual(HOST);
});
