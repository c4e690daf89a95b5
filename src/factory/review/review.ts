import { readFile } from '../agent/tools/files.ts';
import { createToolbox } from '../agent/tools/toolbox.ts';
import { dependenciesOf } from '../gates/pins/content.ts';
import { lookContext, search } from '../gates/run/look.ts';
import type { HearingSession } from '../hearings/hearing.ts';
import { hasForm, type JudgedFinding } from '../model/review.ts';
import { askAll, firstHearing, secondHearing } from './ask.ts';
import type { Bench, ReviewDeps, Reviewed, ReviewOrder } from './bench.ts';
import { changedLines } from './changed-lines.ts';
import { FINDERS } from './finders.ts';
import { duplicates } from './judge.ts';
import { question } from './prompt.ts';
import { judgeAll } from './weigh.ts';

/** Bytes of the patch in which lines are looked up. */
const LONGEST_PATCH = 8 * 1024 * 1024;

/**
 * Reviews the change from the project's base commit to `head`: several finders, each with one concern, say what they find, and the
 * factory runs the repro of each. Who has findings that were not confirmed gets one more try, with what the runs have shown.
 */
export async function reviewChange(
  deps: ReviewDeps,
  at: HearingSession,
  order: ReviewOrder,
): Promise<Reviewed> {
  const { project, head } = order;
  const { git, trees } = deps;
  const { repository, baseCommit: base } = project;
  const changed = await git.changedFiles(repository, base, head);
  const patch = await git.diff(repository, base, head, LONGEST_PATCH);
  const paths = [...(await git.listFiles(repository, base)), ...(await git.listFiles(repository, head))];
  const sides = {
    project,
    base: { commit: base },
    head: { commit: head, ...(await dependenciesOf(git, project, head, changed)) },
  };
  const { about } = order;
  const asked = question({ patch, files: changed, ...(about === undefined ? {} : { about }) });
  const tree = await trees.scratchTree(project, sides.head);
  try {
    const look = {
      sandbox: deps.sandbox,
      place: tree.place,
      commandTimeoutMs: deps.config.gates.timeout,
      newOutput: (label: string) => deps.state.newOutput(project.id, label),
    };
    return await inRounds({
      ...{ ...order, deps, at, sides },
      tools: createToolbox([readFile, search(look)], lookContext(look)),
      opening: { role: 'user', text: asked },
      change: { files: new Set(changed), lines: changedLines(patch), paths: new Set(paths) },
      outputs: new Map(),
    });
  } finally {
    await tree.remove();
  }
}

async function inRounds(bench: Bench): Promise<Reviewed> {
  const first = await askAll(bench, FINDERS, (finder) => firstHearing(bench, finder));
  if (!Array.isArray(first)) return first;
  const findings = new Map<string, JudgedFinding>();
  if (!(await judgeAll(bench, first, 1, findings))) return 'interrupted';
  const unsure = FINDERS.filter(({ name }) =>
    [...findings.values()].some((each) => each.finder === name && !each.confirmed),
  );
  let rounds = 1;
  if (unsure.length > 0) {
    const second = await askAll(bench, unsure, (finder) => secondHearing(bench, finder, findings));
    if (!Array.isArray(second)) return second;
    if (second.some(({ state }) => state.state === 'answered')) rounds = 2;
    if (!(await judgeAll(bench, second, 2, findings))) return 'interrupted';
  }
  return {
    base: bench.project.baseCommit,
    head: bench.head,
    at: bench.deps.now(),
    rounds,
    finders: first.map(({ state }) => state),
    findings: withoutDuplicates([...findings.values()]),
  };
}

function withoutDuplicates(findings: readonly JudgedFinding[]): JudgedFinding[] {
  const same = duplicates(findings.filter(hasForm));
  return findings.map((each) => {
    const other = same.get(each.id);
    if (other === undefined) return each;
    return { ...each, verdict: 'rejected', confirmed: false, why: `It says the same as ${other}.` };
  });
}
