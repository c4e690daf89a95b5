import { describe, expect, it } from 'vitest';
import { config } from '../../../src/factory/config/config.ts';
import { checkedInput, type NewProject } from '../../../src/factory/lifecycle/create/new-project.ts';
import { loadPersonas } from '../../../src/factory/lifecycle/create/personas.ts';

const NEW: NewProject = { name: ' login ', description: 'Add a login.', repository: '.' };
const acceptanceCriteria = { testsPass: true, lintPass: false, formatPass: false, customChecks: [] };

describe('what a project is made of', () => {
  it("may be said by the specification's names", () => {
    const tester = { templateName: 'tester', templatePath: '/t.md', acceptanceCriteria, priority: 1 };
    expect(checkedInput({ ...NEW, baseBranch: 'main', personas: ['engineer', tester] })).toEqual({
      ...{ ...NEW, name: 'login', base: 'main', personas: ['engineer', tester] },
    });
  });

  it.each<[string, object, string]>([
    ['a field that there is not', { maxRunTime: 1 }, 'maxRunTime is not known'],
    ['a command by another name', { commands: { tests: 'x' } }, 'commands.tests is not known'],
    ['two bases', { base: 'a', baseBranch: 'b' }, 'base and baseBranch'],
    ['a persona of another form', { personas: [{ templateName: 'tester' }] }, 'personas.0'],
    ['a text that is none', { name: 5 }, 'name'],
    ['a budget of nothing', { budget: 0 }, 'budget'],
  ])('is refused with %s', (_what, more, saying) => {
    expect(() => checkedInput({ ...NEW, ...more })).toThrow(
      expect.objectContaining({ code: 'project_invalid', message: expect.stringContaining(saying) }),
    );
  });
});

it('personas of a new project are in order of their priorities, each with the criteria that were given', async () => {
  const deps = {
    // Asked for models alone, which nobody wishes for here.
    state: undefined as never,
    config: config.parse({}),
    loadPersona: async (_repository: string, templateName: string) => ({
      ...{ templateName, templatePath: `/${templateName}.md` },
      acceptanceCriteria: { ...acceptanceCriteria, lintPass: true },
    }),
  };
  const tester = { templateName: 'tester', templatePath: '/tester.md', acceptanceCriteria, priority: 0 };
  const personas = await loadPersonas(deps, '/r', ['engineer', tester]);
  expect(personas.map(({ templateName, priority }) => [templateName, priority])).toEqual([
    ['tester', 0],
    ['engineer', 1],
  ]);
  expect(personas.map((each) => each.acceptanceCriteria.lintPass)).toEqual([false, true]);
});
