import type { Project } from '../project/project.ts';
import { OWNER, type TaskList } from '../tasks/task.ts';

/**
 * Who said that a file that proves work may change. `owner`: the settings, the project's description or a task that a
 * person wrote; the agent's version counts. `task`: a task of the agent's own; the change is shown and does not stop the
 * gate, but what is run comes from the base commit. `null`: nobody; the gate does not pass.
 */
export type Permission = 'owner' | 'task' | null;

/** Words by which files may be named. */
export interface Words {
  /** `gates.allowChanges`. */
  allowAll: boolean;
  owner: readonly string[];
  agents: readonly string[];
}

/** What was said in a project, by who said it: its description and the owner's tasks, and the tasks of agents. */
export function wordsIn({ description, settings }: Project, { tasks }: Pick<TaskList, 'tasks'>): Words {
  const texts = (own: boolean) =>
    tasks
      .filter(({ addedBy }) => (addedBy === OWNER) === own)
      .map((task) => `${task.title}\n${task.description}`);
  return { allowAll: settings.allowGateChanges, owner: [description, ...texts(true)], agents: texts(false) };
}

/** By its path, or by its name alone. */
export function permission(words: Words, path: string): Permission {
  if (words.allowAll || words.owner.some((text) => mentions(text, path))) return 'owner';
  return words.agents.some((text) => mentions(text, path)) ? 'task' : null;
}

function mentions(text: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/', path.length - 2) + 1);
  return [path, name].some((word) => {
    const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`(^|[^\\w./-])(\\./)?${literal}(?![\\w/-])`).test(text);
  });
}
