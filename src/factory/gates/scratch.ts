import type { CommandRequest, CommandResult } from '../ports.ts';
import type { Project } from '../project/project.ts';

/** What a scratch tree holds: a commit, with files of other commits or given texts over it. */
export interface ScratchContent {
  commit: string;
  /** Later ones count. A path that its commit does not have is left out of the tree. */
  over?: readonly { commit: string; paths: readonly string[] }[];
  texts?: Readonly<Record<string, string>>;
  /**
   * Which installed dependencies it gets: those of the base commit (missing), or those that the set-up makes of this
   * content, kept under this key (the hash of its lock files).
   */
  dependencies?: string;
}

export interface ScratchCommand {
  command: string;
  /** For the name of its output file. */
  label: string;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface ScratchResult {
  result: CommandResult;
  /** The output file, relative to the project's folder. */
  relative: string;
}

/**
 * A tree of files that no agent can reach, in which the factory runs something. To the command it looks as if it lay where
 * the agent's worktree lies, with the dependencies as the set-up made them before any agent's first step.
 */
export interface ScratchTree {
  readonly folder: string;
  /** How the sandbox shows it to commands that are not run by `run`; it may be read-only to them. */
  readonly place: Pick<CommandRequest, 'worktree' | 'gitDir' | 'appearsAt' | 'lent' | 'scratchFolders'>;
  run(command: ScratchCommand): Promise<ScratchResult>;
  /**
   * Undoes what commands did to the tree's own files and to whatever decides how work is proved. Build results stay.
   *
   * @returns paths of the tree's own files that they had changed or removed
   */
  restore(): Promise<string[]>;
  remove(): Promise<void>;
}

export interface ScratchTrees {
  /** The caller removes it; what a killed worker left is removed by the next one that makes a tree of the same project. */
  create(project: Project, content: ScratchContent): Promise<ScratchTree>;
  /** Keeps what the set-up installed in the worktree. Asked before an agent's first step; later it would keep a lie. */
  keepDependencies(project: Project): Promise<void>;
  /** Removes all scratch trees and kept dependencies of a project that has ended. */
  removeAll(project: Pick<Project, 'id' | 'repository'>): Promise<void>;
}

/** Does work in a scratch tree, and removes it whatever happens. */
export async function inScratchTree<T>(
  trees: ScratchTrees,
  project: Project,
  content: ScratchContent,
  work: (tree: ScratchTree) => Promise<T>,
): Promise<T> {
  const tree = await trees.create(project, content);
  try {
    return await work(tree);
  } finally {
    await tree.remove();
  }
}
