import { chmod, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createKeyVault } from '../../../src/state/secrets/vault.ts';
import { withFolder } from '../support.ts';

const KEY = 'sk-test-0123456789abcdefWXYZ';

describe.concurrent('key vault', () => {
  test('a sealed key opens again and stands nowhere in clear', () =>
    withFolder(async (home) => {
      const vault = createKeyVault({ home, env: {} });
      const stored = await vault.seal('a', KEY);
      expect(stored).toMatch(/^encrypted:v1:/);
      expect(stored).not.toContain('0123456789');
      expect(await createKeyVault({ home, env: {} }).open('a', stored)).toBe(KEY);
    }));

  test('the same key is sealed differently every time', () =>
    withFolder(async (home) => {
      const vault = createKeyVault({ home, env: {} });
      expect(await vault.seal('a', KEY)).not.toBe(await vault.seal('a', KEY));
    }));

  test('the master key is made at first use, for its owner alone, once for two at the same time', () =>
    withFolder(async (home) => {
      const vaults = [createKeyVault({ home, env: {} }), createKeyVault({ home, env: {} })];
      const stored = await Promise.all(vaults.map((vault) => vault.seal('a', KEY)));
      expect((await stat(join(home, 'master.key'))).mode & 0o777).toBe(0o600);
      expect(await readdir(home)).toEqual(['master.key']);
      for (const text of stored) expect(await createKeyVault({ home, env: {} }).open('a', text)).toBe(KEY);
    }));

  test('A63 key-file-mode: a master key that others may read is refused', () =>
    withFolder(async (home) => {
      const vault = createKeyVault({ home, env: {} });
      const stored = await vault.seal('a', KEY);
      await chmod(join(home, 'master.key'), 0o644);
      const refusal = {
        kind: 'environment',
        code: 'master_key_mode',
        hint: expect.stringContaining('chmod 600'),
      };
      await expect(vault.open('a', stored)).rejects.toMatchObject(refusal);
      await expect(vault.seal('a', KEY)).rejects.toMatchObject(refusal);
    }));

  test('a master key that is a link to somewhere else is refused', () =>
    withFolder(async (home) => {
      await writeFile(join(home, 'elsewhere'), 'ab'.repeat(32), { mode: 0o600 });
      await symlink(join(home, 'elsewhere'), join(home, 'master.key'));
      const vault = createKeyVault({ home, env: {} });
      await expect(vault.seal('a', KEY)).rejects.toMatchObject({ code: 'master_key_mode' });
    }));

  test('A64 ciphertext-swap: the sealed key of another provider does not open', () =>
    withFolder(async (home) => {
      const vault = createKeyVault({ home, env: {} });
      const stored = await vault.seal('a', KEY);
      await expect(vault.open('b', stored)).rejects.toMatchObject({ code: 'key_swapped' });
    }));

  test.each([
    ['one changed byte', (text: string) => `${text.slice(0, -4)}AAAA`, 'key_swapped'],
    ['a cut text', (text: string) => text.slice(0, 24), 'key_unreadable'],
    ['another version', (text: string) => text.replace('v1', 'v9'), 'key_unreadable'],
    ['a key in clear', () => KEY, 'key_unreadable'],
  ])('%s in providers.yaml is refused without showing it', (_name, edit, code) =>
    withFolder(async (home) => {
      const vault = createKeyVault({ home, env: {} });
      const edited = edit(await vault.seal('a', KEY));
      const error = await vault.open('a', edited).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      expect(String(error)).not.toContain(KEY.slice(8));
    }),
  );

  test('DF_MASTER_KEY takes the place of the file, in hex or base64', () =>
    withFolder(async (home) => {
      const bytes = Buffer.alloc(32, 7);
      const hex = createKeyVault({ home, env: { DF_MASTER_KEY: bytes.toString('hex') } });
      const base64 = createKeyVault({ home, env: { DF_MASTER_KEY: bytes.toString('base64') } });
      expect(await base64.open('a', await hex.seal('a', KEY))).toBe(KEY);
      expect(await readdir(home)).toEqual([]);
    }));

  test('a DF_MASTER_KEY of the wrong length is refused without showing it', () =>
    withFolder(async (home) => {
      const vault = createKeyVault({ home, env: { DF_MASTER_KEY: 'hunter2' } });
      const error = await vault.seal('a', KEY).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'master_key_invalid' });
      expect(String(error)).not.toContain('hunter2');
    }));

  test('a lost master key is said to be lost and no new one hides that', () =>
    withFolder(async (home) => {
      const vault = createKeyVault({ home, env: {} });
      const stored = await vault.seal('a', KEY);
      await rm(join(home, 'master.key'));
      await expect(vault.open('a', stored)).rejects.toMatchObject({ code: 'master_key_missing' });
      expect(await readdir(home)).toEqual([]);
    }));

  test('env:NAME is read at every use, and missing it names the variable', async () => {
    const env: Record<string, string> = { K: 'first' };
    const vault = createKeyVault({ home: '/nowhere', env });
    expect(await vault.open('a', 'env:K')).toBe('first');
    env['K'] = 'second';
    expect(await vault.open('a', 'env:K')).toBe('second');
    await expect(vault.open('a', 'env:OTHER')).rejects.toMatchObject({
      code: 'key_env_missing',
      message: expect.stringContaining('OTHER'),
    });
  });

  test('people see the last four characters, nothing of a short key, and the name of a variable', () =>
    withFolder(async (home) => {
      const vault = createKeyVault({ home, env: {} });
      expect(await vault.hint('a', await vault.seal('a', KEY))).toBe('****WXYZ');
      expect(await vault.hint('a', await vault.seal('a', 'abc'))).toBe('****');
      expect(await vault.hint('a', 'env:K')).toBe('env:K');
      expect(await vault.hint('a', '')).toBe('');
    }));

  test('the master key in the file is 32 random bytes', () =>
    withFolder(async (home) => {
      await createKeyVault({ home, env: {} }).seal('a', KEY);
      expect(await readFile(join(home, 'master.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    }));
});
