import { DarkFactoryError } from '../../lib/failure.ts';

/** A repository as its forge tells of it. */
export interface ForgeRepository {
  /** Its name there now; another than the configured one where it was renamed. */
  name: string;
  /** Where people read it. */
  url: string;
  /** What the token lacks for issues, pull requests and pushes, as a sentence; `null`: nothing, as far as the forge tells. */
  lacks: string | null;
}

export interface ForgeIssue {
  number: number;
  title: string;
  /** Somebody's words: never more than data. */
  body: string;
  author: string;
  labels: readonly string[];
  state: 'open' | 'closed';
  /** Not everybody who may see the repository may read it. */
  confidential: boolean;
  url: string;
  updatedAt: Date;
}

/** Where people talk: an issue, or a pull request. */
export interface ForgeThread {
  kind: 'issue' | 'pull';
  number: number;
}

export interface ForgeComment {
  id: string;
  author: string;
  body: string;
  createdAt: Date;
  updatedAt: Date;
  url: string;
}

/** A comment on a line of a pull request, or what a review says as a whole (then without `path`). */
export interface ForgeReviewComment extends ForgeComment {
  path?: string;
  line?: number;
}

export interface ForgePull {
  number: number;
  url: string;
  state: 'open' | 'closed' | 'merged';
  draft: boolean;
  branch: string;
  base: string;
  /** What its branch stands at. */
  commit: string;
  title: string;
  body: string;
}

export interface NewPull {
  branch: string;
  base: string;
  title: string;
  body: string;
  draft: boolean;
}

/** A check run, a commit status, or a job of a pipeline. */
export interface ForgeCheck {
  /** Tells it from all others of its commit. */
  id: string;
  name: string;
  /** `withheld`: it ended without a verdict; it was cancelled, say, or somebody has to let it go on. */
  state: 'pending' | 'passed' | 'failed' | 'withheld';
  url?: string;
  /** What it says of itself in short. */
  summary?: string;
  /** Under which its log is asked for. Missing: it has none there. */
  log?: string;
}

/** A line of the new side of a pull request, with what is said of it. */
export interface ForgeLineComment {
  path: string;
  line: number;
  body: string;
}

/**
 * One repository at a forge. Reads are asked again after an outage, writes never: after a reply that was lost, whoever wrote looks
 * whether it is there.
 *
 * Every method may throw `ForgeNotNow`, and `environment`: `forge_token_refused`, `forge_forbidden`; `not_found`/`forge_not_found`;
 * `failed`: `forge_refused`, `forge_reply_unknown`, `forge_redirected`; and what `KeyVault.open` throws.
 */
export interface Forge {
  /** Proves the token. */
  look(): Promise<ForgeRepository>;
  /** Issues that carry a label, open or closed, the one that changed last first. @param since only those that changed since */
  issues(label: string, since?: Date): Promise<ForgeIssue[]>;
  issue(number: number): Promise<ForgeIssue>;
  /** Who put the label on that the issue carries now; `null` where nobody is known to have. */
  labelledBy(number: number, label: string): Promise<string | null>;
  /** Who edited its title last, and who its text. Nobody for what stands as its author wrote it; `ghost` for whom the forge does not know. */
  editors(number: number): Promise<string[]>;
  comments(thread: ForgeThread): Promise<ForgeComment[]>;
  addComment(thread: ForgeThread, body: string): Promise<ForgeComment>;
  editComment(thread: ForgeThread, id: string, body: string): Promise<void>;
  /** All pull requests from this branch of this repository, the newest first. */
  pullsOf(branch: string): Promise<ForgePull[]>;
  pull(number: number): Promise<ForgePull>;
  /** Throws `failed`/`draft_unsupported` besides, where a plan has none. */
  addPull(pull: NewPull): Promise<ForgePull>;
  editPull(pull: ForgePull, change: Pick<NewPull, 'title' | 'body' | 'draft'>): Promise<ForgePull>;
  /** The newest commit that two of its branches or commits have in common; `null`: none, or one of them is not there. */
  fork(base: string, head: string): Promise<string | null>;
  /** Of the commit that a pull request stands at. */
  checks(pull: Pick<ForgePull, 'number' | 'commit'>): Promise<ForgeCheck[]>;
  /** The end of a check's log, at most `mostBytes` of it. */
  checkLog(check: ForgeCheck, mostBytes: number): Promise<string>;
  reviewComments(number: number): Promise<ForgeReviewComment[]>;
  /** A review. Its comments come along where the forge takes them all at once; otherwise none of them does. @returns its id, for `editReview` */
  addReview(
    number: number,
    review: { commit: string; body: string; comments: readonly ForgeLineComment[] },
  ): Promise<string>;
  /** One more comment on a line. `failed`/`forge_refused`: the pull request does not show that line. */
  addReviewComment(number: number, commit: string, comment: ForgeLineComment): Promise<void>;
  /** What a review says as a whole. */
  editReview(number: number, id: string, body: string): Promise<void>;
  /** A comment on a line. @param id of `reviewComments` */
  editReviewComment(number: number, id: string, body: string): Promise<void>;
}

/** The forge cannot be asked before `until`: its limit is reached, or it is away. No attempt is spent on that. */
export class ForgeNotNow extends DarkFactoryError {
  readonly until: Date;

  constructor(code: 'forge_limited' | 'forge_away', message: string, until: Date) {
    super(
      'failed',
      code,
      message,
      'Workers try again by themselves; a command is to be given again. df forge list shows the forges.',
    );
    this.until = until;
  }
}
