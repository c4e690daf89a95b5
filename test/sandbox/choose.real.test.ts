import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, config } from '../../src/factory/config/config.ts';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { createSandbox, type HostSandbox } from '../../src/sandbox/sandbox.ts';
import { makeStage } from './stage.ts';

/** What the choice looks for, and what the choice itself uses to look. */
const PROGRAMS = ['bwrap', 'unshare', 'setpriv', 'apt-get'];

describe('the choice of a mechanism', () => {
  let folder: string;
  let made: HostSandbox[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'df-path-'));
    made = [];
  });
  afterEach(async () => {
    for (const sandbox of made) sandbox.close();
    await rm(folder, { recursive: true });
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('df-sandbox-'))).toEqual([]);
  });

  async function pathWith(programs: readonly string[]): Promise<string> {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    for (const name of programs) {
      await rm(join(bin, name), { force: true });
      await symlink(`/usr/bin/${name}`, join(bin, name));
    }
    return bin;
  }

  /** A sandbox on a machine whose PATH has only these programs. */
  async function choose(
    programs: readonly string[],
    mode: Config['sandbox']['mode'] = 'auto',
    platform: NodeJS.Platform = 'linux',
  ) {
    const bin = await pathWith(programs);
    const sandbox = await createSandbox({
      config: { ...config.parse({}).sandbox, mode },
      hidden: [],
      hostEnv: { PATH: bin },
      platform,
    });
    made.push(sandbox);
    return sandbox;
  }

  it('takes bubblewrap where it works', async () => {
    expect((await choose(PROGRAMS)).mechanism).toBe('bubblewrap');
  });

  it('falls back to unshare where there is no bubblewrap', async () => {
    expect((await choose(['unshare', 'setpriv'])).mechanism).toBe('unshare');
  });

  it('falls back to unshare where bubblewrap is there and does not work', async () => {
    await mkdir(join(folder, 'bin'));
    await writeFile(
      join(folder, 'bin', 'bwrap'),
      '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2; exit 1\n',
      { mode: 0o755 },
    );
    expect((await choose(['unshare', 'setpriv'])).mechanism).toBe('unshare');
  });

  it('A65 no-bwrap: refuses without any, with the command that installs one', async () => {
    const error = await choose(['apt-get']).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DarkFactoryError);
    expect(error).toMatchObject({ kind: 'environment', code: 'sandbox_missing' });
    expect(error).toMatchObject({
      message: expect.stringContaining('bubblewrap: not found on the PATH'),
      hint: expect.stringMatching(/apt-get install -y bubblewrap$/),
    });
  });

  it('A65 no-bwrap: refuses where the kernel forbids namespaces, and says how to allow them', async () => {
    await mkdir(join(folder, 'bin'));
    for (const name of ['bwrap', 'unshare', 'setpriv']) {
      const text = `#!/bin/sh\necho "${name}: No permissions to create new namespace" >&2; exit 1\n`;
      await writeFile(join(folder, 'bin', name), text, { mode: 0o755 });
    }
    await expect(choose([])).rejects.toMatchObject({
      code: 'sandbox_missing',
      message: expect.stringContaining('No permissions to create new namespace'),
      hint: expect.stringMatching(/userns/),
    });
  });

  it('a sandbox that found no process to start with is not taken for missing: its step waits', async () => {
    await mkdir(join(folder, 'bin'));
    const text = '#!/bin/sh\necho "bwrap: Can not fork: Resource temporarily unavailable" >&2; exit 1\n';
    await writeFile(join(folder, 'bin', 'bwrap'), text, { mode: 0o755 });
    await expect(choose([])).rejects.toMatchObject({
      code: 'machine_exhausted',
      message: expect.stringContaining('Resource temporarily unavailable'),
    });
  });

  it('A65 no-bwrap: a mechanism asked for by name is not replaced by another', async () => {
    await expect(choose(['unshare', 'setpriv'], 'bubblewrap')).rejects.toMatchObject({
      code: 'sandbox_missing',
    });
    await expect(choose(PROGRAMS, 'sandbox-exec')).rejects.toMatchObject({ code: 'sandbox_missing' });
  });

  it('A65 no-bwrap: refuses on a system without any known mechanism', async () => {
    await expect(choose(PROGRAMS, 'auto', 'win32')).rejects.toMatchObject({
      hint: expect.stringContaining('WSL'),
    });
    await rm(join(folder, 'bin'), { recursive: true });
    await expect(choose([], 'auto', 'darwin')).rejects.toMatchObject({
      hint: expect.stringContaining('sandbox-exec'),
    });
  });

  it('a sandbox that stops working later is an error of the environment, not a result of the command', async () => {
    const stage = await makeStage({ hostEnv: { PATH: await pathWith(['bwrap']) } });
    try {
      expect((await stage.run('echo fine')).output).toBe('fine\n');
      await rm(join(folder, 'bin', 'bwrap'));
      await expect(stage.run('echo x')).rejects.toMatchObject({
        kind: 'environment',
        code: 'sandbox_failed',
      });
      await writeFile(
        join(folder, 'bin', 'bwrap'),
        '#!/bin/sh\necho "bwrap: Cannot allocate memory" >&2; exit 1\n',
        { mode: 0o755 },
      );
      await expect(stage.run('echo x')).rejects.toMatchObject({ code: 'machine_exhausted' });
      await writeFile(join(folder, 'bin', 'bwrap'), '#!/bin/sh\necho "bwrap: broken" >&2; exit 1\n', {
        mode: 0o755,
      });
      await expect(stage.run('echo x')).rejects.toMatchObject({
        message: expect.stringContaining('bwrap: broken'),
      });
      await expect(stage.readFile('README.md')).resolves.toMatchObject({
        ok: false,
        problem: expect.stringContaining('bwrap: broken'),
      });
    } finally {
      await stage.cleanup();
    }
  });

  it('runs without a sandbox only when asked for by name', async () => {
    expect((await choose([], 'off')).mechanism).toBe('off');
  });
});
