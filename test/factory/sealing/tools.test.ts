import { describe, expect, it } from 'vitest';
import type { CallInfo, ToolContext } from '../../../src/factory/agent/tools/tool.ts';
import { createToolbox } from '../../../src/factory/agent/tools/toolbox.ts';
import { providerConfig } from '../../../src/factory/model/money/finance.ts';
import type { SealedFile } from '../../../src/factory/model/sealing/sealed.ts';
import { sealerWarnings } from '../../../src/factory/sealing/order.ts';
import { sealingOpening, sealingPrompt } from '../../../src/factory/sealing/prompt.ts';
import { describeDraft, sealingTools } from '../../../src/factory/sealing/tools.ts';

/** None of these tools may need anything of the agents' world. */
const NOTHING = {} as ToolContext;

function sealing() {
  const files = new Map<string, Buffer>();
  const list = async (): Promise<SealedFile[]> =>
    [...files].map(([path, content]) => ({ path, executable: false, content }));
  const tools = createToolbox(
    sealingTools({
      draft: {
        files: list,
        async write(path, content) {
          if (content === null) files.delete(path);
          else files.set(path, content);
        },
      },
      base: ['test/old.test.js'],
      command: 'npm test',
      tryOut: async () => 'they fail',
    }),
    NOTHING,
  );
  const call = (signal = new AbortController().signal): CallInfo => ({
    key: 'k',
    signal,
    check: async () => {},
  });
  const use = async (name: string, args: object, signal?: AbortSignal) => {
    const outcome = await tools.find(name)?.run(JSON.stringify(args), call(signal));
    if (outcome === undefined) throw new Error(`there is no tool ${name}`);
    return outcome;
  };
  return { files, list, use };
}

describe('the tools of whoever writes sealed checks', () => {
  it('write a file, write it anew, and take it away', async () => {
    const { use, list } = sealing();
    const path = 'test/a.test.js';
    expect(await use('write_sealed_check', { path, content: 'one' })).toMatchObject({ isError: false });
    expect(await use('write_sealed_check', { path, content: 'two' })).toMatchObject({ isError: false });
    expect(describeDraft(await list())).toContain('- test/a.test.js (3 bytes)');
    await use('write_sealed_check', { path, content: '' });
    expect(describeDraft(await list())).toBe('No sealed check is written yet.');
    expect(await use('write_sealed_check', { path, content: '' })).toMatchObject({ isError: true });
  });

  it('write nothing where nothing may be written', async () => {
    const { use, files } = sealing();
    for (const path of ['../x.test.js', 'test/old.test.js', 'src/a.js'])
      expect((await use('write_sealed_check', { path, content: 'x' })).isError).toBe(true);
    expect(files.size).toBe(0);
  });

  it('end the work by finish alone, and not before there is something to seal', async () => {
    const { use } = sealing();
    expect(await use('finish', { summary: 'Done.' })).toMatchObject({ isError: true });
    await use('write_sealed_check', { path: 'test/a.test.js', content: 'x' });
    expect(await use('finish', { summary: 'Done.' })).toMatchObject({ effect: 'finish' });
  });

  it('journal no trial that was cut off', async () => {
    const { use } = sealing();
    expect(await use('run_sealed_checks', {})).toMatchObject({ output: 'they fail' });
    expect(await use('run_sealed_checks', {}, AbortSignal.abort())).toMatchObject({ effect: 'unfinished' });
  });
});

describe('what whoever writes sealed checks is told', () => {
  const sealing = { persona: 'acceptance-tester', command: 'npm test', show: 'none' as const };

  it('is the description, the command and the paths of the repository', () => {
    const text = sealingOpening({ name: 'sum', description: 'add must add.' }, sealing, ['sum.js']);
    for (const part of ['add must add.', '`npm test`', 'sum.js']) expect(text).toContain(part);
    expect(sealingPrompt({ name: 'acceptance-tester', body: 'BODY' }, sealing)).toMatch(/^BODY\n/);
  });

  it('of a repository with thousands of files, the first are listed', () => {
    const paths = Array.from({ length: 5_000 }, (_, index) => `src/${index}.js`);
    const text = sealingOpening({ name: 'x', description: 'x' }, sealing, paths);
    expect(text).toContain('and 4600 more');
    expect(text).not.toContain('src/4999.js');
  });
});

it('the owner is warned when nobody but the author could write the checks', () => {
  const provider = (id: string, more: object) =>
    providerConfig.parse({ id, name: 'openai', model: 'm', apiKey: '', ...more });
  const one = provider('a', {});
  expect(sealerWarnings({ providers: [one, provider('b', { model: 'n' })] })).toHaveLength(1);
  expect(
    sealerWarnings({ providers: [one, provider('b', { name: 'anthropic', enabled: false })] }),
  ).toHaveLength(1);
  expect(sealerWarnings({ providers: [one, provider('b', { name: 'anthropic' })] })).toEqual([]);
});
