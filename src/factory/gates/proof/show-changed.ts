import type { ChangedTest } from '../../model/gates/gate-report.ts';
import type { GitManager } from '../../ports.ts';
import type { AskedAnew } from './old-tests.ts';
import { isTestNamed, type OtherRun } from './seen-red.ts';
import { changedLines } from './side-by-side.ts';
import type { TestChanges } from './test-changes.ts';
import { testTexts } from '../test-source/test-files.ts';

/** Most entries, and those of them that show texts. */
const MOST = 200;
const MOST_SHOWN = 24;
/** New tests that are shown for one that is gone. */
const MOST_HEIRS = 4;

/** Old and new text of the tests that ask for something else, or of what they use where that is what changed. */
export async function showAskedAnew(
  git: Pick<GitManager, 'showFile'>,
  { project, commit }: Pick<OtherRun, 'project' | 'commit'>,
  changes: TestChanges,
  anew: readonly AskedAnew[],
): Promise<ChangedTest[]> {
  const shown: ChangedTest[] = [];
  const textOf = async (at: string, path: string) => (await git.showFile(project.repository, at, path)) ?? '';
  for (const { places, tests, by, as } of anew) {
    for (const { old, now } of places) {
      if (shown.length >= MOST) return shown;
      const said = { by, ...(as === undefined ? {} : { as }) };
      const isShown = shown.length < MOST_SHOWN;
      const before = isShown ? await textOf(project.baseCommit, old) : '';
      const after = isShown ? await textOf(commit, now) : '';
      const own = changes.files.find((each) => each.path === now);
      const [olds, news] = [testTexts(old, before), testTexts(now, after)];
      const pairs = tests.flatMap((name) => {
        const title = own?.before?.titles.find((each) => isTestNamed(name, each, old)) ?? '';
        const heirs = own?.successors?.[title]?.slice(0, MOST_HEIRS);
        const [one, two] = [
          olds.get(title),
          heirs?.map((each) => news.get(each)).join('\n') ?? news.get(title),
        ];
        return one === undefined || two === undefined || one === two
          ? []
          : [{ name, ...changedLines(one, two) }];
      });
      if (pairs.length === 0)
        shown.push({ path: now, tests: [...tests].slice(0, MOST), ...said, ...changedLines(before, after) });
      for (const { name, ...sides } of pairs) shown.push({ path: now, tests: [name], ...said, ...sides });
    }
  }
  return shown.slice(0, MOST);
}
