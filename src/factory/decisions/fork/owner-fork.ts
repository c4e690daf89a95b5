import * as z from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import { DarkFactoryError, usageError } from '../../../lib/failure.ts';
import { placeAndProblem } from '../../../lib/schema.ts';
import { followJournal } from '../../agent/memory/agent-state.ts';
import { commitWork } from '../../agent/tools/work.ts';
import { openBooks, type Payer } from '../../agent/turn/settle.ts';
import type { Config } from '../../config/config.ts';
import type { AgentState, Decision } from '../../model/agent.ts';
import { agentIdOf } from '../../model/agent-id.ts';
import { AUDITOR, readAgents } from '../../model/agents.ts';
import { openFork } from '../../model/fork.ts';
import type { Holder } from '../../model/journal.ts';
import type { Project } from '../../model/project.ts';
import { type GitManager, type JournalWriter, LeaseLost } from '../../ports.ts';
import { decide, decisionArgs, proposedDecision } from './decide.ts';
import { type ForkDeps, forkProject } from './fork-act.ts';
import { holdSteps, releaseSteps } from './hold-steps.ts';
import { reserveFork } from './reserve-fork.ts';

/** A decision as its owner puts it; confidences from 0 to 1. */
export type DecisionOrder = Pick<Decision, 'question' | 'options' | 'confidence'> & { id?: string };

export interface OwnerForkDeps extends ForkDeps {
  git: ForkDeps['git'] & Pick<GitManager, 'commitChanges'>;
  config: Pick<Config, 'decisions'>;
  clock: Clock;
  /** Who orders it. */
  by: string;
  finance(): Promise<Payer['finance']>;
  holder(): Promise<Holder>;
  /** Whether a living worker is at a step of this journal. */
  isAtWork(projectId: string, persona: string): Promise<boolean>;
  /** Waits so many milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** Milliseconds between two looks at a turn that is under way, and how many of them: ten minutes. */
const POLL_INTERVAL_MS = 200;
const MAX_POLLS = 3_000;

/**
 * Forks a project over a decision of its owner, by the same rule, limits and shares as over one of its agent's. It happens between
 * two turns: one that is under way is waited for, and work that is not committed is committed first. A decision that was asked for
 * before, by its id, is not explored again.
 *
 * @returns ids of the children; empty where the rule goes on with the best option: then nothing was changed
 */
export async function forkForOwner(
  deps: OwnerForkDeps,
  project: Project,
  order: DecisionOrder,
): Promise<string[]> {
  const decision = parsed(order, deps.newId());
  const before = project.forks.find(({ decisionId }) => decisionId === decision.id);
  if (before !== undefined) return before.branches.map((branch) => branch.projectId);
  const choice = decide(decision, deps.config.decisions);
  if ('continue' in choice) return [];
  refuseUnfit(project);
  const explored = choice.fork.map(({ label }) => label);
  const { id: projectId } = project;
  const pending: Decision = { ...decision, explored };
  try {
    while (!(await putDown(deps, project, pending))) {
      await deps.sleep(POLL_INTERVAL_MS);
      refuseUnfit(await deps.state.project(projectId).get());
    }
  } finally {
    await releaseSteps(deps, projectId);
  }
  const now = await deps.state.project(projectId).get();
  await forkProject(deps, now, await readAgents(deps.state, now));
  const { forks } = await deps.state.project(projectId).get();
  const fork = forks.find(({ decisionId }) => decisionId === decision.id);
  return (fork?.branches ?? []).map((branch) => branch.projectId);
}

/**
 * Ends the agent's next step with the decision, so that the fork follows from the journal as that of an agent does.
 *
 * @returns false when a worker took that step at the same moment: then it is to be tried again after it
 */
async function putDown(deps: OwnerForkDeps, project: Project, pending: Decision): Promise<boolean> {
  const { agent, writer } = await takeStep(deps, project);
  const { projectId, personaName: persona } = agent;
  const { explored = [], question } = pending;
  try {
    await prepare(deps, project, pending, explored.length, writer);
    await deps.state
      .agent(projectId, persona)
      .update((current) =>
        current.pendingDecisions.some(({ id }) => id === pending.id)
          ? current
          : { ...current, pendingDecisions: [...current.pendingDecisions, pending] },
      );
    await writer.append({
      type: 'step_done',
      outcome: 'fork',
      reason: `Its owner forks it: ${question}`,
    });
  } catch (error) {
    if (error instanceof LeaseLost) return false;
    throw error;
  }
  await followJournal(deps.state, { projectId, persona });
  await deps.record({
    ...{ projectId, persona, type: 'decision.proposed', level: 'info', data: { by: deps.by } },
    message: `"${question}": ${explored.map((label) => `"${label}"`).join(' and ')} will be built side by side.`,
  });
  return true;
}

/** Commits the work so far, and sets places aside for the children. Where that cannot be, the step is free for others again. */
async function prepare(
  deps: OwnerForkDeps,
  project: Project,
  decision: Decision,
  children: number,
  writer: JournalWriter,
): Promise<void> {
  try {
    const call = { key: `owner/decision/${decision.id}`, check: () => writer.check() };
    await commitWork(deps, project, `Work before a decision\n\n${decision.question}`, call);
    const refused = await reserveFork(deps, project, decision.id, children, deps.config.decisions);
    if (refused === null) return;
    throw new DarkFactoryError(
      'failed',
      'tree_full',
      refused,
      'No branch was made. See decisions in config.yaml.',
    );
  } catch (error) {
    await writer.append({ type: 'released' });
    throw error;
  }
}

/** The lease of the next step, of the agent whose turn it is, with the books of what came before in order. */
async function takeStep(
  deps: OwnerForkDeps,
  project: Project,
): Promise<{ agent: AgentState; writer: JournalWriter }> {
  const { state } = deps;
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    await holdSteps(deps, project.id);
    const agent = (await readAgents(state, project)).find(({ status }) => status !== 'completed');
    if (agent === undefined) throw unfit(project, 'all its agents are done');
    const { personaName: persona } = agent;
    const busy = await Promise.all([persona, AUDITOR].map((each) => deps.isAtWork(project.id, each)));
    if (!busy.includes(true)) {
      const journal = state.journal(project.id, persona);
      const holder = { ...(await deps.holder()), of: agentIdOf(project.id, persona) };
      const writer = await journal.lease(agent.nextStep, holder);
      // Its worker may have died between the end of the step and saving it.
      if (writer === null) await followJournal(state, { projectId: project.id, persona });
      else {
        const books = { state, finance: await deps.finance(), now: () => deps.clock.now() };
        await openBooks(books, { projectId: project.id, persona }, writer);
        return { agent, writer };
      }
    }
    await deps.sleep(POLL_INTERVAL_MS);
  }
  throw new DarkFactoryError(
    'failed',
    'step_under_way',
    `A turn of ${project.name} has been under way for ten minutes`,
    'Ask again when it has ended; df status tells.',
  );
}

/** The specification's Decision. One that is put to the factory has no option that was selected; when it was put, the factory notes. */
const orderArgs = z.strictObject({
  id: z.string().min(1).max(200).optional(),
  question: z.unknown().optional(),
  confidence: z.unknown().optional(),
  options: z.array(
    z
      .strictObject({
        label: z.unknown().optional(),
        description: z.unknown().optional(),
        confidence: z.unknown().optional(),
        estimatedEffort: z.unknown().optional(),
      })
      .transform(({ estimatedEffort, ...option }) => ({ ...option, estimated_effort: estimatedEffort })),
  ),
  madeAt: z.unknown().optional(),
  selectedOption: z.undefined().optional(),
});

function parsed(order: DecisionOrder, newId: string): Decision {
  const outer = orderArgs.safeParse(order);
  if (!outer.success) throw noDecision(outer.error);
  const { id = newId, madeAt: _madeAt, ...decision } = outer.data;
  const args = decisionArgs.safeParse(decision);
  if (!args.success) throw noDecision(args.error);
  return proposedDecision(args.data, id);
}

function noDecision({ issues: [issue] }: z.ZodError): DarkFactoryError {
  return usageError(
    'decision_invalid',
    `It is no decision: ${placeAndProblem(issue)}`,
    'A decision has a question, a confidence from 0 to 1, and options with different labels.',
  );
}

function refuseUnfit(project: Project): void {
  if (!project.started || !project.prepared) throw unfit(project, 'its work has not begun');
  if (openFork(project) !== undefined) throw unfit(project, 'it explores a decision already');
  if (project.status !== 'active') throw unfit(project, `it is ${project.status}`);
}

function unfit({ name }: Project, why: string): DarkFactoryError {
  return usageError(
    'cannot_fork',
    `The project ${name} cannot be forked now: ${why}`,
    'Only a project at work is forked, over one decision at a time.',
  );
}
