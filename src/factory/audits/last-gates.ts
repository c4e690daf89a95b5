/** The gates at the last commit: a persona's own may be of an older one, for others have worked since. */

import { followJournal, LAST_GATE } from '../agent/memory/agent-state.ts';
import type { GateCheck } from '../model/gates/gate-check.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import type { Project } from '../model/project.ts';
import type { JournalWriter } from '../ports.ts';
import type { AuditDeps } from './deps.ts';

/** What the gate of each persona of a project asks for. */
export type ChecksOf = ReadonlyMap<string, readonly GateCheck[]>;

export async function checksOf({ checks }: Pick<AuditDeps, 'checks'>, project: Project): Promise<ChecksOf> {
  const found = project.personas.map(
    async ({ templateName }) => [templateName, await checks(project, templateName)] as const,
  );
  return new Map(await Promise.all(found));
}

/** The newest gate of a persona on a commit; where it had none there, that of another one which asked for all that it asks for. */
export function gateAt(
  checks: ChecksOf,
  reports: readonly QualityReport[],
  commit: string,
  persona: string | undefined,
): QualityReport | undefined {
  const there = reports.filter((each) => each.kind !== 'baseline' && each.commit === commit);
  const wanted = persona === undefined ? undefined : checks.get(persona);
  if (wanted === undefined) return there.at(-1);
  const asksAsMuch = (other: string) =>
    wanted.every((check) => checks.get(other)?.some((each) => isSame(each, check)));
  return (
    there.findLast((each) => each.persona === persona) ??
    there.findLast((each) => checks.has(each.persona) && asksAsMuch(each.persona))
  );
}

const isSame = (a: GateCheck, b: GateCheck): boolean =>
  a.name === b.name && a.command === b.command && a.expectedExitCode === b.expectedExitCode;

/** The personas whose gate has not passed on a commit. */
export function ungated(checks: ChecksOf, reports: readonly QualityReport[], commit: string): string[] {
  return [...checks.keys()].filter((persona) => gateAt(checks, reports, commit, persona)?.passed !== true);
}

/**
 * Before a closing audit: has the gate of each persona run on the last commit, as on its own claim of being done, where it has not
 * passed there. Once for each commit, so that one that cannot run there is found open instead of asked for for ever.
 *
 * @returns whose gates come first
 */
export async function askForGates(
  deps: AuditDeps,
  project: Project,
  writer: JournalWriter,
): Promise<string[]> {
  const { state, git } = deps;
  const commit = await git.resolveCommit(project.repository, project.workBranch);
  if (commit === project.baseCommit) return [];
  const reports = await state.gates(project.id).list();
  const asked: string[] = [];
  await writer.check();
  for (const persona of ungated(await checksOf(deps, project), reports, commit))
    if (await askForGate(deps, project, persona, commit)) asked.push(persona);
  return asked;
}

async function askForGate(
  { state, holder }: AuditDeps,
  { id: projectId }: Project,
  persona: string,
  commit: string,
): Promise<boolean> {
  const key = `${LAST_GATE}${commit}`;
  const journal = state.journal(projectId, persona);
  // Whoever asked may have been killed before the agent's state followed.
  if ((await journal.entries()).some((entry) => entry.type === 'note' && entry.key === key))
    return followJournal(state, { projectId, persona });
  const { nextStep } = await state.agent(projectId, persona).get();
  const lease = await journal.lease(nextStep, await holder());
  const text = `You were done, and the branch has moved since, to ${commit.slice(0, 12)}: your quality gate runs there once more.`;
  await lease?.append({ type: 'note', key, text }, { type: 'step_done', outcome: 'finish' });
  const wasBehind = await followJournal(state, { projectId, persona });
  return lease !== null || wasBehind;
}
