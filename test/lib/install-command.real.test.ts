import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installCommand } from '../../src/lib/install-command.ts';
import { findProgram } from '../../src/lib/process/programs.ts';

let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'bin-'));
});
afterEach(() => rm(bin, { recursive: true }));

const program = (name: string, mode = 0o755) => writeFile(join(bin, name), '', { mode });
const sudo = process.getuid?.() === 0 ? '' : 'sudo ';

it('what is missing is installed by the package manager of the machine, by its name there', async () => {
  expect(installCommand('Redis', bin, 'linux')).toBeNull();
  expect(installCommand('Redis', bin, 'darwin')).toBe('brew install redis');
  expect(installCommand('bubblewrap', bin, 'darwin')).toBeNull();
  await program('pacman');
  expect(installCommand('Redis', bin, 'linux')).toBe(`${sudo}pacman -S --noconfirm valkey`);
  await program('apt-get');
  expect(installCommand('bubblewrap', bin, 'linux')).toBe(
    `${sudo}apt-get update && ${sudo}apt-get install -y bubblewrap`,
  );
  expect(installCommand('nothing', bin, 'linux')).toBeNull();
});

it('a program is a file that may be run, in the first folder of the path that has it', async () => {
  await program('tool', 0o644);
  expect(findProgram('tool', bin)).toBeNull();
  expect(findProgram('tool', `relative:${bin}/none`)).toBeNull();
  await program('other');
  expect(findProgram('other', `/nowhere:${bin}`)).toBe(join(bin, 'other'));
});
