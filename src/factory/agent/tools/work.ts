import type { AgentState, Decision } from '../../model/agent.ts';
import type { CommitArgs, FinishArgs } from './factory-arguments.ts';
import { type CallInfo, failed, said, type ToolOutcome } from './tool.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { DarkFactoryError } from '../../../lib/failure.ts';
import { heldCommitText, type SecretFinding, SecretsFound } from '../../model/secrets-found.ts';
import type { Project } from '../../model/project.ts';

export interface WorkHands {
  git: Pick<GitManager, 'commitChanges' | 'head'>;
  state: Pick<StateStore, 'agent'>;
  now(): Date;
}

export interface WorkContext {
  project: Project;
  persona: string;
  /** The task that the agent is at: what it commits is work on that. */
  taskId?: string;
  record(type: string, message: string): Promise<void>;
}

/** Commits everything in the worktree under the call's key. @returns HEAD afterwards, and whether a commit was made */
export async function commitWork(
  { git }: Pick<WorkHands, 'git'>,
  project: Project,
  message: string,
  call: Pick<CallInfo, 'key' | 'check'>,
  taskId?: string,
): Promise<{ head: string; made: boolean }> {
  await call.check();
  const hash = await git.commitChanges(project.repository, project.worktreePath, message, {
    project: project.id,
    step: call.key,
    ...(taskId === undefined ? {} : { task: taskId }),
  });
  return { head: hash ?? (await git.head(project.repository, project.worktreePath)), made: hash !== null };
}

/** Work of an agent that ends in a commit: where there is something in its files that it must mend first, it is told so. */
export async function unlessHeld(
  work: () => Promise<ToolOutcome>,
  held: (findings: readonly SecretFinding[]) => Promise<void>,
): Promise<ToolOutcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DarkFactoryError && error.code === 'unreadable_files')
      return failed(`Nothing was committed: ${error.message}. ${error.hint}`);
    if (!(error instanceof SecretsFound)) throw error;
    await held(error.findings);
    return failed(heldCommitText(error.findings));
  }
}

/** `commit` */
export async function commitTool(
  hands: WorkHands,
  context: WorkContext,
  args: CommitArgs,
  call: CallInfo,
): Promise<ToolOutcome> {
  const { head, made } = await commitWork(hands, context.project, args.message, call, context.taskId);
  if (!made) return failed(`There is nothing to commit: the worktree is as it was at ${head}.`);
  await context.record('commit.made', `${head.slice(0, 12)} ${args.message.split('\n')[0]}`);
  return said(`Committed as ${head}.`);
}

/** `finish`: a claim. The gate decides, and its report is the next thing that the agent sees. */
export async function finishTool(
  hands: WorkHands,
  context: WorkContext,
  args: FinishArgs,
  call: CallInfo,
): Promise<ToolOutcome> {
  await commitWork(hands, context.project, `${context.persona}: finish\n\n${args.summary}`, call);
  await context.record('agent.finished', `${context.persona} claims to be done.`);
  return { output: 'The quality gate runs now; you will see its outcome.', isError: false, effect: 'finish' };
}

/**
 * `propose_decision`: records the decision and what it comes to. Asking twice under one key records it once.
 *
 * @param decided the decision with its id from the call's key, and the option that was chosen
 */
export async function recordDecision(
  { state }: Pick<WorkHands, 'state'>,
  context: WorkContext,
  decided: Decision & { selectedOption: string },
  why: string,
): Promise<ToolOutcome> {
  await state
    .agent(context.project.id, context.persona)
    .update((agent: AgentState) =>
      agent.madeDecisions.some((each) => each.id === decided.id)
        ? agent
        : { ...agent, madeDecisions: [...agent.madeDecisions, decided] },
    );
  await context.record('decision.made', `"${decided.question}": ${decided.selectedOption}. ${why}`);
  return said(`Go on with "${decided.selectedOption}". ${why}`);
}
