import { code, escaped, quote } from '../../lib/text/markdown.ts';
import { BY, evidenceTable, spentBy } from '../decisions/merge/record.ts';
import type { BranchFigures } from '../decisions/tree/figures.ts';
import type { AgentState, Decision } from '../model/agent.ts';
import type { Fork, ForkBranch, ForkChoice } from '../model/fork.ts';
import type { Project } from '../model/project.ts';

/** A decision of an agent, and what became of it where child projects explored it. */
export interface ReportDecision extends Decision {
  persona: string;
  fork?: ReportFork;
}

export interface ReportFork extends Pick<Fork, 'phase' | 'commit' | 'at' | 'endedAt' | 'outcome'> {
  branches: (ForkBranch & { figures: BranchFigures | null })[];
  choice?: ForkChoice & { option: string };
  /** USD that all branches took, what was perhaps billed included. */
  cost: number;
}

/** @param figures of the children, as far as they could be read */
export function describeDecisions(
  { forks }: Pick<Project, 'forks'>,
  agents: readonly AgentState[],
  figures: readonly BranchFigures[],
): ReportDecision[] {
  const forkOf = (persona: string, id: string) =>
    forks.find((fork) => fork.persona === persona && fork.decisionId === id);
  const known = agents.flatMap(({ personaName, madeDecisions, pendingDecisions }) =>
    [...madeDecisions, ...pendingDecisions].map((decision): ReportDecision => {
      const fork = forkOf(personaName, decision.id);
      return {
        ...decision,
        persona: personaName,
        ...(fork === undefined ? {} : { fork: describeFork(fork, figures) }),
      };
    }),
  );
  const orphans = forks
    .filter((fork) => !known.some(({ id, persona }) => id === fork.decisionId && persona === fork.persona))
    .map((fork): ReportDecision => ({ ...decisionOf(fork), fork: describeFork(fork, figures) }));
  return [...known, ...orphans];
}

/** Of a fork whose agent does not speak of it. */
function decisionOf({ decisionId, persona, question, confidence, branches }: Fork): ReportDecision {
  const options = branches.map((branch) => ({
    label: branch.option,
    description: branch.description,
    confidence: branch.confidence,
    estimatedEffort: '',
  }));
  return { id: decisionId, persona, question, confidence, options };
}

function describeFork(fork: Fork, figures: readonly BranchFigures[]): ReportFork {
  const { phase, commit, at, endedAt, branches, choice } = fork;
  const outcome = fork.said ?? fork.outcome;
  const chosen = branches.find(({ projectId }) => projectId === choice?.projectId);
  return {
    phase,
    commit,
    at,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    branches: branches.map((branch) => ({
      ...branch,
      figures: figures.find(({ id }) => id === branch.projectId) ?? null,
    })),
    ...(choice === undefined ? {} : { choice: { ...choice, option: chosen?.option ?? choice.projectId } }),
    cost: branches.reduce((sum, branch) => sum + (spentBy(branch, figures) ?? 0), 0),
  };
}

/** Decisions as Markdown: those taken at once as a list, each that was explored with its figures and its end. */
export function decisionsMarkdown(decisions: readonly ReportDecision[]): string {
  const atOnce = decisions.filter(({ fork }) => fork === undefined).map(listItem);
  const explored = decisions.flatMap((decision) =>
    decision.fork === undefined ? [] : [exploredText(decision, decision.fork)],
  );
  return [atOnce.join('\n'), ...explored].filter((each) => each !== '').join('\n\n');
}

function listItem(decision: ReportDecision): string {
  const { question, persona, confidence, selectedOption, options } = decision;
  const chosen = selectedOption === undefined ? 'not taken yet' : `took “${escaped(selectedOption)}”`;
  const head = `- **${escaped(question)}** (${escaped(persona)}, confidence ${confidence}): ${chosen}`;
  return [head, ...options.map((option) => `  ${optionLine(option)}`)].join('\n');
}

function optionLine({ label, confidence, estimatedEffort }: Decision['options'][number]): string {
  const effort = estimatedEffort === '' ? '' : `, effort ${escaped(estimatedEffort)}`;
  return `- “${escaped(label)}” (confidence ${confidence}${effort})`;
}

const PHASES: Record<ReportFork['phase'], string> = {
  planned: 'its branches are being made',
  open: 'its branches are at work',
  judging: 'a judge is asked',
  ready: 'waits for the owner to merge',
  merging: 'is being merged',
  merged: 'merged',
  handed_over: 'handed over as a task',
  dropped: 'no branch was taken',
};

function exploredText(decision: ReportDecision, fork: ReportFork): string {
  const { question, persona, confidence, options } = decision;
  const { phase, commit, branches, choice, cost, outcome } = fork;
  const figures = branches.flatMap((branch) => branch.figures ?? []);
  const branchOf = (label: string) => {
    const branch = branches.find(({ option }) => option === label);
    return branch === undefined ? ', not tried' : `: ${code(branch.workBranch)}`;
  };
  const chosen =
    choice === undefined
      ? ''
      : `Chosen: **${escaped(choice.option)}**, ${BY[choice.by]}.\n\n${quote(choice.why)}`;
  const learnt = branches
    .filter((branch) => branch.projectId !== choice?.projectId && branch.learnt !== undefined)
    .map(({ option, learnt: words = '' }) => `What “${escaped(option)}” found out:\n\n${quote(words)}`);
  const head =
    `Asked by ${escaped(persona)} with a confidence of ${confidence}, explored in ${branches.length} branches ` +
    `from ${code(commit.slice(0, 12))} for $${cost.toFixed(4)}: ${PHASES[phase]}.`;
  return [
    `### ${escaped(question)}`,
    head,
    options.map((option) => `${optionLine(option)}${branchOf(option.label)}`).join('\n'),
    evidenceTable({ branches }, figures),
    chosen,
    outcome === undefined ? '' : `Outcome:\n\n${quote(outcome)}`,
    ...learnt,
  ]
    .filter((each) => each !== '')
    .join('\n\n');
}
