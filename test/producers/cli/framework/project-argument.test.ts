import { describe, expect, test } from 'vitest';
import type { Project } from '../../../../src/factory/model/project.ts';
import { DarkFactoryError } from '../../../../src/lib/failure.ts';
import type { CommandContext } from '../../../../src/producers/cli/framework/context.ts';
import {
  projectAndWords,
  projectArgument,
} from '../../../../src/producers/cli/framework/project-argument.ts';
import { projectNotFound } from '../../../../src/state/projects/project-list.ts';
import { makeProject } from '../fixtures.ts';

const id = (letter: string) => `${letter.repeat(8)}-6f0f-4a5c-9d0e-6d1a2b3c4d5e`;
const at = (letter: string, repository: string, status: Project['status']) =>
  makeProject({ id: id(letter), name: `p-${letter}`, gitDir: `/${repository}/.git`, status });

/** A command that was called in a folder, with nobody to be asked. */
function calledIn(repository: string, projects: readonly Project[]): CommandContext {
  const services = {
    state: {
      listSummaries: async () => ({ projects, unreadable: [] }),
      listOpenProjects: async () => projects,
      resolveProject: async (reference: string) => {
        const found = projects.find((each) => each.name === reference);
        if (found === undefined) throw projectNotFound(reference);
        return found.id;
      },
    },
    git: { inspectRepository: async () => ({ commonDir: `/${repository}/.git` }) },
  };
  const context: Partial<CommandContext> = { json: true, cwd: '/', program: 'df' };
  return Object.assign(context, { services: async () => services }) as unknown as CommandContext;
}

const meant = (repository: string, projects: readonly Project[], ...args: string[]) =>
  projectArgument(calledIn(repository, projects), { args, options: {} });

describe('a project that is not named', () => {
  test('is the only one there is, wherever one stands', async () => {
    expect(await meant('elsewhere', [at('a', 'shop', 'completed')])).toBe(id('a'));
  });

  test("is the only open one of this folder's repository", async () => {
    const projects = [at('a', 'shop', 'completed'), at('b', 'shop', 'paused'), at('c', 'blog', 'active')];
    expect(await meant('shop', projects)).toBe(id('b'));
    expect(await meant('blog', projects)).toBe(id('c'));
  });

  test('is asked for, and its folder is not, where that is gone', async () => {
    const context = {
      ...calledIn('shop', [at('a', 'shop', 'active'), at('b', 'shop', 'active')]),
      get cwd(): string {
        throw new DarkFactoryError('environment', 'folder_gone', 'It is gone', '');
      },
    };
    await expect(projectArgument(context, { args: [], options: {} })).rejects.toMatchObject({
      code: 'missing_argument',
    });
  });

  test.each([
    ['two are open', [at('a', 'shop', 'active'), at('b', 'shop', 'active')]],
    ['none is open', [at('a', 'shop', 'failed'), at('b', 'shop', 'completed')]],
    ['the open one is of another repository', [at('a', 'shop', 'failed'), at('b', 'blog', 'active')]],
    ['there is none', []],
  ])('is asked for where %s', async (_, projects) => {
    await expect(meant('shop', projects)).rejects.toMatchObject({ code: 'missing_argument', kind: 'usage' });
  });

  test('does not stand for one that was named wrongly', async () => {
    await expect(meant('shop', [at('a', 'shop', 'active')], 'p-b')).rejects.toMatchObject({
      code: 'project_not_found',
    });
  });
});

describe('words for a project', () => {
  const projects = [at('a', 'shop', 'active'), at('b', 'blog', 'active')];
  const read = (...args: string[]) =>
    projectAndWords(calledIn('shop', projects), { args, options: {} }, 'The message');

  test('may stand alone, after a project, and as several words', async () => {
    expect(await read('Leave the form')).toEqual({ id: id('a'), words: 'Leave the form' });
    expect(await read('p-b', 'Leave', 'it')).toEqual({ id: id('b'), words: 'Leave it' });
  });

  test('are missing where the only word names a project', async () => {
    await expect(read('p-b')).rejects.toMatchObject({ code: 'missing_argument' });
  });
});
