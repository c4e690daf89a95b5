import { literal } from '../../../lib/text/literal.ts';
import { ownersDescription } from '../../model/forge/issue-origin.ts';
import type { Project } from '../../model/project.ts';
import { OWNER, type TaskList } from '../../model/task.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { isCiDefinition } from './ci-files.ts';
import { isLockFile } from './definitions.ts';
import { type Act, isForbidden, leavesIn } from './leave.ts';

/**
 * Who said that a file that proves work may change. `owner`: the settings, or a sentence of the project's description or of a
 * task that a person wrote which gives leave (`leave.ts`); the agent's version counts. `task`: a task of the agent's own names
 * it, or the owner gave leave for tests without naming any; the change is shown and does not stop the gate, but what is run
 * comes from the base commit. `null`: nobody; the gate does not pass.
 */
export type Permission = 'owner' | 'task' | null;

/** PermissionTexts by which files may be named. */
export interface PermissionTexts {
  /** `gates.allowChanges`. */
  allowAll: boolean;
  owner: readonly string[];
  agents: readonly string[];
}

/** What was said in a project, by who said it: its description and the owner's tasks, and the tasks of agents. */
export function permissionTexts(project: Project, { tasks }: Pick<TaskList, 'tasks'>): PermissionTexts {
  const texts = (own: boolean) =>
    tasks
      .filter(({ addedBy }) => (addedBy === OWNER) === own)
      .map((task) => `${task.title}\n${task.description}`);
  const owner = [ownersDescription(project), ...texts(true)];
  return { allowAll: project.settings.allowGateChanges, owner, agents: texts(false) };
}

/** Tests as such, of which none is named. */
const ANY_TESTS =
  /(?<![\w./-])(?:(?:the|all|any|old|its|their|existing|affected|related|corresponding|failing|matching|unit|current)\s+)*(?:tests?(?:\s+(?:files?|cases?|suites?|expectations?))?|specs|snapshots|fixtures|expectations)(?![\w/-]|\.\w)/g;

/** Packages as such, whose versions stand in lock files. */
const PACKAGES =
  /(?<![\w./-])(?:(?:dev|peer|build|runtime)[- ]?)?(?:dependency|dependencies|deps|lock[- ]?files?)(?![\w/-]|\.\w)/g;

/** What CI runs, as a whole. */
const CI =
  /(?<![\w./-])(?:(?:(?:github|ci|release|publish|deploy|build|lint|tests?)\s+)workflows?|github\s+actions?|(?:travis|circle|gitlab)\s*(?:ci)?|ci)(?:\s+(?:config(?:uration|s)?|files?|jobs?|steps?|matrix|set-?up|workflows?))?(?![\w/-]|\.\w)/g;
/** The subject of a commit that is about CI, in the form of conventional commits. */
const ABOUT_CI = /^\s*(?:ci(?:\([^)]*\))?|\w+:?\(ci\))!?:\s/im;

/** No gate reads what CI runs, so that words which ask for another CI are enough. */
function asksForCi({ owner }: PermissionTexts): boolean {
  return (
    !owner.some((text) => isForbidden(text, CI)) &&
    owner.some((text) => ABOUT_CI.test(text) || leavesIn(text, CI, false).size > 0)
  );
}

/** Who allows that what a file asks for changes. */
export function permission(words: PermissionTexts, path: string): Permission {
  if (words.allowAll) return 'owner';
  const isTest = isTestPath(path);
  const acts = ownersActs(words, path);
  if (acts.has('change') || acts.has('delete') || (acts.has('add') && !isTest)) return 'owner';
  if (isKept(words, path)) return null;
  if (isLockFile(path) && words.owner.some((text) => leavesIn(text, PACKAGES, false).size > 0))
    return 'owner';
  if (isCiDefinition(path) && asksForCi(words)) return 'owner';
  if (words.agents.some((text) => names(text, path))) return 'task';
  return isTest && words.owner.some((text) => hasChange(leavesIn(text, ANY_TESTS, true))) ? 'task' : null;
}

/** Whether the owner allows that tests of a file go, are skipped or emptied. */
export function mayDelete(words: PermissionTexts, path: string): boolean {
  return words.allowAll || ownersActs(words, path).has('delete');
}

/**
 * Whether the owner allows that a script of package.json changes, or is added where it is `fresh`, by naming it. Names that are words
 * of every task (`test`, `build`) name no script; they need the name of the file.
 */
export function mayChangeScript({ owner }: PermissionTexts, script: string, fresh: boolean): boolean {
  if (!/^(?:pre|post)[a-z]{3,}|:/.test(script)) return false;
  const name = literal(script.toLowerCase());
  const object = new RegExp(`(?<![\\w./:-])${name}(?![\\w/:-]|\\.\\w)`, 'g');
  return owner.some((text) => {
    if (isForbidden(text, object)) return false;
    const acts = leavesIn(text, object, false);
    return acts.has('change') || (fresh && acts.has('add'));
  });
}

/** Whether the owner said that a file, or the tests, are to stay as they are. */
export function isKept(words: PermissionTexts, path: string): boolean {
  const object = objectOf(path);
  return words.owner.some(
    (text) => isForbidden(text, object) || (isTestPath(path) && isForbidden(text, ANY_TESTS)),
  );
}

const hasChange = (acts: ReadonlySet<Act>): boolean => acts.has('change');

function ownersActs({ owner }: PermissionTexts, path: string): Set<Act> {
  const object = objectOf(path);
  const helper = isHelperPath(path) ? objectOf(path, { folders: false }) : null;
  return new Set(
    owner.flatMap((text) =>
      isForbidden(text, object)
        ? []
        : [
            ...leavesIn(text, object, isTestPath(path)),
            ...(helper === null ? [] : leavesIn(text, helper, false)),
          ],
    ),
  );
}

/** A mention in an agent's task, unless it is there to say that the file stays. */
function names(text: string, path: string): boolean {
  const object = objectOf(path);
  return object.test(text.toLowerCase()) && !isForbidden(text, objectOf(path));
}

/** Whether it is there for tests and by its name none itself: what is wrong with it is no other code's fault. */
function isHelperPath(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    isTestPath(path) &&
    /helper|support|utils?\b|fixture|mock|stub|fake|set-?up|common|harness/i.test(name) &&
    !/^test[_-]|[._-](?:tests?|specs?|e2e)\.|(?:Tests?|Spec|IT)\./.test(name)
  );
}

/** A file by its path, by its name alone, or by a folder that it lies in; for text in lower case. */
function objectOf(path: string, { folders: withFolders } = { folders: true }): RegExp {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/', lower.length - 2) + 1);
  const parts = lower.split('/');
  const folders = parts.slice(1).map((_, index) => `${parts.slice(0, index + 1).join('/')}/`);
  const literals = [lower, name, ...(withFolders ? folders : [])].map(literal);
  return new RegExp(`(?<![\\w./-])(?:\\./)?(?:${literals.join('|')})(?![\\w/-]|\\.\\w)`, 'g');
}
