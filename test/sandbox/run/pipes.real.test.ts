import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachIsolation } from '../each-sandbox.ts';
import { makeStage, type Stage } from '../stage.ts';

eachIsolation((mode) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await makeStage({ sandbox: { mode } });
  });
  afterAll(() => stage.cleanup());

  it('a command that closes its output to everybody keeps no later one from running', async () => {
    const modes: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const { output } = await stage.run('stat -Lc %a /proc/self/fd/1; chmod 0 /proc/self/fd/1');
      modes.push(output);
    }
    expect(modes).toEqual(['600\n', '600\n', '600\n']);
  });

  it('A136 files without end: a command learns no name under which a later one has its output', async () => {
    const names = new Set<string>();
    for (let turn = 0; turn < 3; turn += 1)
      names.add((await stage.run('stat -c %N /proc/self/fd/1')).output.trim());
    expect(names.size).toBe(3);
    expect([...names].join()).toContain('output-');
  });
});
