import type { Project } from '../model/project.ts';
import type { SealedFile } from '../model/sealing/sealed.ts';
import type { CommandRequest, CommandResult, Sandbox } from './sandbox.ts';

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
  /** Whether it is to be told what the command rewrote of that by which it is judged. */
  watched?: boolean;
}

export interface ScratchResult {
  result: CommandResult;
  /** The output file, relative to the project's folder. */
  relative: string;
  /**
   * Of a watched command: tests and definitions of the tree, files that were laid over it, and folders of installed packages in which
   * it wrote, removed or replaced a file, though that may look the same again by now.
   */
  rewritten?: string[];
}

export type ScratchPlace = Pick<
  CommandRequest,
  'worktree' | 'gitDir' | 'appearsAt' | 'alsoAt' | 'readOnlyMounts' | 'scratchFolders' | 'env'
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
  /** Puts files over the tree, whatever it has in their place. No command may be running in it. */
  write(files: readonly SealedFile[]): Promise<void>;
  /**
   * Undoes what commands did to the tree's own files and to whatever decides how work is proved. Build results stay.
   *
   * @returns paths of the tree's own files that they had changed or removed
   */
  restore(): Promise<string[]>;
  remove(): Promise<void>;
}

export interface ScratchTrees {
  /**
   * The caller removes it; what a killed worker left is removed by the next one that makes a tree of the same project.
   *
   * @throws DarkFactoryError `environment`/`setup_failed`
   */
  scratchTree(project: Project, content: ScratchContent): Promise<ScratchTree>;
}

/** The sandbox as an agent's tools see it: with what its worktree has beside its files. */
export type AgentSandbox = Pick<Sandbox, 'run' | 'readFile' | 'writeFile'>;

/** What stands below the folder of scratch trees for one project. */
export interface ScratchFolder {
  projectId: string;
  folder: string;
  /** A living worker is at work in one of its trees, or may be. */
  inUse: boolean;
}

export interface PruneLimits {
  now: Date;
  maxBytes: number;
  maxAgeMs: number;
  isOpen?: (projectId: string) => boolean;
  /** Only say what would go. */
  dryRun?: boolean;
}

/** The trees in which agents and the factory run commands, and the packages that they find there. */
export interface Workspace extends ScratchTrees {
  /** In use or not. What the project used of the set-ups may go when they take too much space. */
  removeScratchTrees(projectId: string, repository?: string): Promise<void>;
  /**
   * Removes the trees of workers that died.
   *
   * @param ended nobody will need them: everything goes, unless somebody is still at work there
   * @returns how many trees were removed
   */
  sweepScratchTrees(projectId: string, ended: boolean): Promise<number>;
  /** Removes a repository that the factory made for one project alone. One of somebody else's stays. */
  removeOwnRepository(repository: string): Promise<void>;
  scratchFolders(): Promise<ScratchFolder[]>;
  /**
   * Gives a new worktree what its agent needs beside the files of the commit: copies of the owner's files, links, and what the
   * set-up makes.
   *
   * @returns what went wrong, for people, or `null`; that it was cut off is nothing that went wrong
   */
  prepareWorktree(project: Project, signal: AbortSignal): Promise<string | null>;
  /**
   * The same without a worktree: whether it could be given all that.
   *
   * @returns with `notes`: what it would go without, in sentences
   */
  trySetup(project: Project, signal: AbortSignal): Promise<{ problem: string | null; notes: string[] }>;
  /** Runs the owner's command for the end of a worktree, which goes whatever becomes of it. */
  cleanup(project: Project): Promise<void>;
  agentSandbox(project: Project): Promise<AgentSandbox>;
  /** The next set-up is made anew. @returns what kept packages from being installed, as a sentence */
  forgetSetup(projectId: string): Promise<string | undefined>;
  /**
   * Removes set-ups that no project uses: by age, and oldest first while all are larger than `maxBytes`. What projects use
   * that `isOpen` does not know counts as unused.
   */
  pruneSetups(limits: PruneLimits): Promise<{ entries: number; bytes: number }>;
}

/** Does work in a scratch tree, and removes it whatever happens. */
export async function inScratchTree<T>(
  trees: ScratchTrees,
  project: Project,
  content: ScratchContent,
  work: (tree: ScratchTree) => Promise<T>,
): Promise<T> {
  const tree = await trees.scratchTree(project, content);
  try {
    return await work(tree);
  } finally {
    await tree.remove();
  }
}
