import type { Project } from '../../model/project.ts';
import type { ScratchContent } from '../../ports/workspace.ts';
import type { GitManager } from '../../ports.ts';
import { isInstalled } from '../ecosystems/installed.ts';

/*
 * A runner that stops at the first failure says nothing of the tests behind it. Where old tests are asked about new code, and new ones
 * about old code, some are expected to fail, and the others must be heard of as well.
 */

const OPTIONS: readonly [RegExp, string][] = [
  [/\s--(?:bail(?:[= ]\d+)?|fail-?fast(?:[= ]\d+)?|exitfirst|maxfail[= ]\d+|stop-on-failure)(?![\w-])/g, ''],
  [/\s-failfast\b/g, ''],
  [/(\bmocha\b[^&|;"\n]*?)\s-b(?![\w-])/g, '$1'],
  [/(\bpytest\b[^&|;"\n]*?)\s-x(?![\w-])/g, '$1'],
  [/(\bunittest\b[^&|;"\n]*?)\s-f(?![\w-])/g, '$1'],
  [
    /(\bcargo(?:\s\+\S+)?\s+(?:test|nextest\s+run))(?![\w-])(?![^&|;\n]*--no-fail-fast)/g,
    '$1 --no-fail-fast',
  ],
];

/** A command, or a script of a package, that runs all of its tests whatever becomes of the first ones. */
export function goingOn(command: string): string {
  return OPTIONS.reduce((text, [option, instead]) => text.replace(option, instead), command);
}

const SETTINGS =
  /(?:^|\/)(?:package\.json|\.mocharc\.\w+|mocha\.opts|(?:jest|vitest|vite)\.config\.\w+|Makefile|tox\.ini|setup\.cfg|pytest\.ini|pyproject\.toml)$/;
const MOST_FILES = 50;

/** The same of settings. */
function settingsGoingOn(path: string, text: string): string {
  if (path.endsWith('mocha.opts')) return text.replace(/^[ \t]*(?:--bail|-b)[ \t]*$/gm, '');
  const set = text.replace(
    /(["']?\bbail["']?\s*:\s*)(true|[1-9]\d*)/g,
    (_, key: string, value: string) => `${key}${value === 'true' ? 'false' : '0'}`,
  );
  return goingOn(set);
}

/** The content with settings by which its tests go on after a failure. */
export async function withAllTests(
  git: Pick<GitManager, 'showFile' | 'listFiles'>,
  { repository }: Pick<Project, 'repository'>,
  content: ScratchContent,
): Promise<ScratchContent> {
  const texts: Record<string, string> = {};
  const paths = await git.listFiles(repository, content.commit);
  const settings = paths.filter((path) => SETTINGS.test(path) && !isInstalled(path));
  for (const path of settings.slice(0, MOST_FILES)) {
    const from = content.over?.findLast((each) => each.paths.includes(path))?.commit ?? content.commit;
    const text = content.texts?.[path] ?? (await git.showFile(repository, from, path));
    const now = text === null ? null : settingsGoingOn(path, text);
    if (now !== null && now !== text) texts[path] = now;
  }
  return { ...content, texts: { ...content.texts, ...texts } };
}
