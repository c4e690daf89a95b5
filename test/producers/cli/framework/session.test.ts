import { describe, expect, test } from 'vitest';
import { createSession, type World } from '../../../../src/producers/cli/framework/session.ts';

/** A session whose folder was removed, and what it says. */
function inGoneFolder() {
  const said: string[] = [];
  const sink = { write: (text: string) => void said.push(text) };
  const world: Partial<World> = {
    ...{ stdout: sink, stderr: sink, env: {} },
    get cwd(): string {
      throw Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), {
        ...{ code: 'ENOENT', syscall: 'uv_cwd' },
      });
    },
  };
  const startWorker = async () => 0;
  const argv = ['node', 'df', 'init', '--json'];
  return { said, session: createSession({ program: 'df', argv, world: world as World, startWorker }) };
}

describe('a command whose folder is gone', () => {
  test('begins, and hears of it when it asks for that folder', () => {
    const { session } = inGoneFolder();
    const context = session.context(true);
    expect(context.program).toBe('df');
    expect(() => context.cwd).toThrow(expect.objectContaining({ kind: 'environment', code: 'folder_gone' }));
  });

  test('says so in words, and in a document where one is asked for', async () => {
    const { session, said } = inGoneFolder();
    const thrown = Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'uv_cwd' });
    expect(await session.complain(thrown, 'df init --help')).toBe(4);
    expect(JSON.parse(said.join(''))).toMatchObject({ error: { code: 'folder_gone' } });
  });
});
