import type { CommandRequest, CommandResult } from '../ports.ts';
import type { Project } from '../model/project.ts';

/** What a scratch tree holds: a commit, with files of other commits or given texts over it. */
export interface ScratchContent {
  commit: string;
  /** Later ones count. A path that its commit does not have is left out of the tree. */
  over?: readonly { commit: string; paths: readonly string[] }[];
  texts?: Readonly<Record<string, string>>;
  /**
   * Which installed packages it gets: those of the base commit (missing), or those that the set-up makes of this content,
   * known by this name (the hash of its lock files).
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

export type ScratchPlace = Pick<
  CommandRequest,
  'worktree' | 'gitDir' | 'appearsAt' | 'alsoAt' | 'lent' | 'scratchFolders' | 'env'
>;

/**
 * A tree of files that no agent can reach, in which the factory runs something. To the command it looks as if it lay where
 * the agent's worktree lies, with the packages as the set-up makes them where no agent was.
 */
export interface ScratchTree {
  readonly folder: string;
  /** How the sandbox shows it to commands that are not run by `run`; it may be read-only to them. */
  readonly place: ScratchPlace;
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
  /** Removes all scratch trees of a project that has ended. What it used of the cache may go when the cache is full. */
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
