import { formatDuration } from '../../lib/duration.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { withoutMissing } from '../../lib/without-missing.ts';
import { followJournal } from '../agent/memory/agent-state.ts';
import type { Config } from '../config/config.ts';
import { setBudget } from '../decisions/budget/set-budget.ts';
import { freshStart } from '../finance/books/fresh-start.ts';
import { activeTime } from '../model/active-time.ts';
import type { AgentState } from '../model/agent.ts';
import { readAgents } from '../model/agents.ts';
import { type NextAttempt, refuseRetry, retry } from '../model/lifecycle.ts';
import { attemptOf, branchLivesOn, type Project } from '../model/project.ts';
import type { StateStore } from '../ports.ts';
import { messagesOf, type TalkDeps, tell } from '../talk/messages.ts';
import { setStatus, withTasks } from '../tasks/list/rules.ts';
import { requireModel } from './require-model.ts';

/** What the owner orders for another attempt. Missing: as it was. */
export interface RetryOrder {
  /** Said to the agent that goes on. */
  message?: string | undefined;
  /** Failed gates of one persona, and closing audits that find open work, before it fails again. */
  rounds?: number | undefined;
  /** Tier, or id or model of a provider, that its personas are kept to. Its escalations end. */
  model?: string | undefined;
  /** USD for all that the project ever does. */
  budget?: number | undefined;
  /** Milliseconds of active time for all that it ever does. Missing, and all used up: as much again as the last attempt had. */
  maxRuntime?: number | undefined;
  /** The factory has news for it, which were told: a completed project goes on as well. */
  news?: true | undefined;
  /** What changes in its document together with the attempt. */
  also?(project: Project): Project;
}

export interface RetryDeps extends TalkDeps {
  state: StateStore;
  config: Pick<Config, 'tiers'>;
  /** Whose words its message are. */
  by: string;
}

/**
 * Lets a project that ended without success live on: same branch, same conversation. All is checked before anything is changed, and the
 * project's document, which decides, is changed last: cut short before, it has ended still, and asking again does the rest.
 *
 * @throws DarkFactoryError `usage`: `not_retryable`, `branch_of_decision`, `max_runtime_used`, `model_unknown`, and as `setBudget` and `tell`
 */
export async function retryProject(deps: RetryDeps, projectId: string, order: RetryOrder): Promise<Project> {
  const { state, now } = deps;
  const project = await state.project(projectId).get();
  refuseRetry(project, order.news);
  const instead = branchLivesOn(project);
  if (instead !== null) throw ofDecision(project, instead);
  const agents = await readAgents(state, project);
  const next = nextAttempt(project, agents, order);
  if (order.model !== undefined) await requireModel(deps, order.model);
  if (order.message !== undefined) await tellOnce(deps, project, order.message);
  await freshStart(state, projectId, deps);
  if (order.budget !== undefined) await setBudget(state, projectId, order.budget, now());
  await openBlocked(state, project, now(), order.model !== undefined);
  const wanted = order.message !== undefined || order.news === true || project.lastAudit?.passed === false;
  const chosen = order.model !== undefined;
  for (const { personaName } of agents)
    await wake(state, project, personaName, { also: () => false, chosen });
  const first = agents.find(({ status }) => status !== 'completed') ?? agents[0];
  if (first !== undefined && wanted) {
    const also = ({ status }: AgentState) => status === 'completed';
    await wake(state, project, first.personaName, { also, chosen });
  }
  return state.project(projectId).update((current) => {
    const again = retry(current, now(), next);
    return order.also?.(again) ?? again;
  });
}

function nextAttempt(project: Project, agents: readonly AgentState[], order: RetryOrder): NextAttempt {
  const activeMs = activeTime(project, agents);
  const settings = withoutMissing({ rounds: order.rounds, model: order.model });
  const last = project.maxRuntime - (project.attempts.at(-1)?.activeMs ?? 0);
  const { maxRuntime = activeMs < project.maxRuntime ? project.maxRuntime : activeMs + last } = order;
  if (maxRuntime <= activeMs) throw usedUp(project, activeMs);
  return { settings, maxRuntime, activeMs, news: order.news };
}

/** What a call that was cut short has said waits for this one. */
async function tellOnce(deps: RetryDeps, project: Project, words: string): Promise<void> {
  const said = await messagesOf(deps.state, project);
  if (said.some(({ text, deliveredAt }) => deliveredAt === undefined && text === words.trim())) return;
  await tell(deps, project, words, { by: deps.by });
}

/**
 * Agents that were given up go on, and their rounds of gates count anew.
 *
 * @param also whether one that is not blocked does
 * @param chosen its owner has chosen a model: what was red before brings no other
 */
async function wake(
  state: StateStore,
  { id: projectId }: Project,
  persona: string,
  { also, chosen }: { also(agent: AgentState): boolean; chosen: boolean },
): Promise<void> {
  await followJournal(state, { projectId, persona }, (agent) => {
    const { blockedReason, ...rest } = {
      ...(chosen ? withoutRed(agent) : agent),
      roundsBefore: agent.gateRound,
    };
    // One that waits for a decision goes on when that is taken.
    const isGivenUp = agent.status === 'blocked' && agent.pendingDecisions.length === 0;
    if (isGivenUp || also(agent)) return { ...rest, status: 'thinking' };
    return blockedReason === undefined ? rest : { ...rest, blockedReason };
  });
}

function withoutRed({ redGates: _red, ...agent }: AgentState): AgentState {
  return { ...agent, redGatesAfter: agent.gateRound };
}

/** What its owner blocked stays so. */
async function openBlocked(state: StateStore, project: Project, now: Date, chosen: boolean): Promise<void> {
  const note = `Open again: attempt ${attemptOf(project) + 1} of the project.`;
  await state.tasks(project.id).update((list) => {
    const stuck = list.tasks.filter(({ status, blockedBy }) => status === 'blocked' && blockedBy !== 'owner');
    const opened = withTasks(
      list,
      new Map(stuck.map(({ id }) => [id, (task) => setStatus(task, 'pending', note, now, 'owner')])),
    );
    if (!chosen || opened.tasks.every(({ redRuns }) => redRuns === undefined)) return opened;
    return { ...opened, tasks: opened.tasks.map(({ redRuns: _red, ...task }) => task) };
  });
}

function usedUp({ name }: Project, activeMs: number): DarkFactoryError {
  const used = formatDuration(activeMs);
  return new DarkFactoryError(
    'usage',
    'max_runtime_used',
    `The project ${name} has been worked on for ${used} already`,
    'Nothing was changed. --max-runtime is for all attempts together: give more, or leave it out for as much again.',
  );
}

function ofDecision({ name }: Project, instead: string): DarkFactoryError {
  return new DarkFactoryError(
    'usage',
    'branch_of_decision',
    `The project ${name} is a branch of a decision, and its parent goes by how it ended`,
    `Nothing was changed. ${instead}`,
  );
}
