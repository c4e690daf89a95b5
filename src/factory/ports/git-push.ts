import type { SecretFinding } from '../model/secrets/secrets-found.ts';

/** Where a branch is pushed to. */
export interface PushTarget {
  /** The name of the remote. */
  remote: string;
  /** The one address that is pushed to, which tells the forge as well. */
  url: string;
  /** How the base branch is called there. */
  base: string;
}

export interface PushOrder extends PushTarget {
  repository: string;
  /** A branch of the factory's. */
  branch: string;
  commit: string;
  /** Proves who pushes, at an http(s) address. Missing: the owner's own means do. */
  token?: { user: string; password: string };
  /**
   * Is asked before anything is pushed, and what it throws is thrown: all commits after `known` up to `commit` would go out.
   *
   * @param known the newest commit that is sure to be there; `null`: none is, and the whole history of `commit` would go out
   */
  mayGo?(known: string | null): Promise<void>;
  /**
   * Is asked where the repository does not have what the base branch stands at there: the newest ancestor of that one that the work may
   * have as well; `null`: none is known. Missing: nobody can tell.
   *
   * @param fetched what the base branch stood at when it was last fetched
   */
  commonWith?(there: string, fetched: string | null): Promise<string | null>;
}

export interface Pushed {
  /** What the branch stood at there; `null`: it was not there. */
  before: string | null;
  commit: string;
  /** False: it stood there already. */
  pushed: boolean;
}

/** What leaves the machine by git. */
export interface GitPush {
  /** Throws `usage`: `remote_missing`, `remote_several`. */
  pushTarget(repository: string, base: string, remote?: string): Promise<PushTarget>;
  /** The one way out; see `src/git/publish/push-branch.ts`, where its failures stand as well. */
  pushBranch(order: PushOrder): Promise<Pushed>;
  /**
   * Keys in what was committed after `from` (`null`: ever) up to `to`: in files, their names and messages, also in what a later commit
   * took out again. Looks whatever `secrets.scan` says.
   */
  secretsIn(repository: string, from: string | null, to: string): Promise<SecretFinding[]>;
}
