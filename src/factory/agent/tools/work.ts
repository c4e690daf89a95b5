import { DarkFactoryError } from '../../../lib/failure.ts';
import type { Happening } from '../../model/event.ts';
import type { Project } from '../../model/project.ts';
import { heldCommitText, listFindings, SecretsFound } from '../../model/secrets/secrets-found.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { type CallInfo, failed, type Tool } from './tool.ts';

/** Whose work it is, and what the tools need that record or commit it. */
export interface WorkContext {
  project: Project;
  persona: string;
  git: Pick<GitManager, 'commitChanges' | 'head'>;
  state: Pick<StateStore, 'agent'>;
  now(): Date;
  /** Puts what was done into the audit log, for information unless it says otherwise. */
  record(event: Happening & { message: string; level?: 'warn'; taskId?: string }): Promise<void>;
}

/** Commits everything in the worktree under the call's key. @returns HEAD afterwards, and whether a commit was made */
export async function commitWork(
  { git }: Pick<WorkContext, 'git'>,
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

/** A tool that commits: where there is something in the agent's files that it must fix first, it is told so. */
export function unlessHeld<Context extends WorkContext>(tool: Tool<Context>): Tool<Context> {
  return {
    ...tool,
    async run(raw, context, call) {
      try {
        return await tool.run(raw, context, call);
      } catch (error) {
        if (error instanceof DarkFactoryError && error.code === 'unreadable_files')
          return failed(`Nothing was committed: ${error.message}. ${error.hint}`);
        if (!(error instanceof SecretsFound)) throw error;
        const { findings } = error;
        await context.record({
          type: 'commit.held',
          level: 'warn',
          message: `Not committed, for it holds keys: ${listFindings(findings)}.`,
          data: { findings },
        });
        return failed(heldCommitText(findings));
      }
    },
  };
}
