/** A worktree without a branch, to run something on a commit and to be thrown away. */
export interface ScratchOrder {
  repository: string;
  /** Where it is made; nothing may be there. */
  folder: string;
  commit: string;
  /** Paths that come from another commit; one that is not there is left out of the tree. Later ones count. */
  over?: readonly { commit: string; paths: readonly string[] }[];
  /** Paths with this text in place of theirs. */
  texts?: Readonly<Record<string, string>>;
  /** Paths whose files are dated back, so that no build tool takes them for newer than what they are made of. */
  aged?: readonly string[];
}

/** Worktrees without a branch. */
export interface GitScratch {
  createScratchTree(order: ScratchOrder): Promise<void>;
  /**
   * Puts the files of a scratch tree back as they were made, and removes of those that came to it the `unwanted`. No command
   * may be running in it.
   *
   * @returns its own files that had been changed or removed
   */
  restoreScratchTree(
    repository: string,
    folder: string,
    unwanted: (path: string) => boolean,
  ): Promise<string[]>;
  /** Its own files as they were made, with those of its submodules. */
  listScratchTree(repository: string, folder: string): Promise<string[]>;
  /** Whatever of it is gone already is fine. */
  removeScratchTree(repository: string, folder: string): Promise<void>;
}
