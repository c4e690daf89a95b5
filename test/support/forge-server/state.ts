/** What a forge knows of one repository, as its users and programs would have made it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface ForgeIssueState {
  number: number;
  title: string;
  body: string;
  author: string;
  labels: string[];
  /** At GitLab. */
  confidential?: boolean;
  state: 'open' | 'closed';
  createdAt: Date;
  updatedAt: Date;
  labelEvents: { id: number; actor: string; label: string; action: 'add' | 'remove' }[];
  edits: ForgeEditState[];
}

/** What somebody made of a title or a text. */
export interface ForgeEditState {
  id: number;
  actor: string;
  part: 'title' | 'body';
  before: string;
  after: string;
  at: Date;
}

export interface ForgePullState {
  number: number;
  branch: string;
  base: string;
  title: string;
  body: string;
  draft: boolean;
  state: 'open' | 'closed' | 'merged';
  author: string;
  /** Number of the repository that its branch is in, where that is a fork. */
  fork?: number;
  /** What its branch stood at when it was last seen open. */
  commit?: string;
}

export interface ForgeCommentState {
  id: number;
  /** Of the issue or pull request. */
  number: number;
  author: string;
  body: string;
  createdAt: Date;
  updatedAt: Date;
  /** Of one on a line. */
  path?: string;
  line?: number;
}

export interface ForgeCheckState {
  id: number;
  commit: string;
  name: string;
  state: 'pending' | 'success' | 'failure';
  /** A check run (at GitLab a job of a pipeline), or a commit status from outside. */
  kind: 'run' | 'status';
  /** At GitLab, of a status; missing: the newest one of the commit. */
  pipeline?: number;
  log: string;
  summary: string;
}

/** At GitLab; the jobs are checks. What is missing is as the jobs of the commit give it. */
export interface ForgePipelineState {
  id: number;
  sha: string;
  ref: string;
  source: string;
  status: string;
  yamlErrors?: string;
  /** Parents of a commit that only the forge has, such as what comes of a merge. */
  parents?: readonly string[];
  /** That of the merge request with this number. */
  headOf?: number;
  jobs: ForgeCheckState[];
  bridges: { name: string; status: string; started: number }[];
}

export interface ForgeTokenState {
  user: string;
  /** As GitHub and GitLab name them: `repo`, `api`, `read_api`. */
  scopes: string[];
  mayWrite: boolean;
  /** At GitLab it may what a group may that was invited: the project itself does not tell. */
  invited?: boolean;
}

/** The repository `owner/name`, with its bare repository below `folder`. */
export function createForgeState(repository: string, folder: string) {
  let count = 0;
  const nextId = () => {
    count += 1;
    return count;
  };
  const state = {
    repository,
    formerNames: [] as string[],
    id: 4711,
    isPrivate: true,
    /** At GitHub, by its plan. */
    takesDrafts: true,
    defaultBranch: 'main',
    folder,
    issues: [] as ForgeIssueState[],
    pulls: [] as ForgePullState[],
    comments: [] as ForgeCommentState[],
    reviews: [] as (ForgeCommentState & { commit: string })[],
    lineComments: [] as ForgeCommentState[],
    checks: [] as ForgeCheckState[],
    pipelines: [] as ForgePipelineState[],
    tokens: new Map<string, ForgeTokenState>([
      ['good-token', { user: 'factory-bot', scopes: ['repo', 'api'], mayWrite: true }],
    ]),
    /** Requests that the limit still allows. */
    left: 5_000,
    nextId,
    bare: () => join(folder, `${repository}.git`),
    /** What a branch stands at; `null`: it is not there. */
    head(branch: string): string | null {
      const ref = `refs/heads/${branch}`;
      try {
        const args = ['--git-dir', state.bare(), 'rev-parse', '--verify', '--quiet', ref];
        return execFileSync('git', args, { encoding: 'utf8' }).trim();
      } catch {
        return null;
      }
    },
    /** Which commit is meant; `null`: none that is there. */
    commit(reference: string): string | null {
      try {
        const args = ['--git-dir', state.bare(), 'rev-parse', '--verify', '--quiet', `${reference}^{commit}`];
        return execFileSync('git', args, { encoding: 'utf8' }).trim();
      } catch {
        return null;
      }
    },
    /** What a pull request stands at: with its branch while it is open, and where it was left after that. */
    commitOf(pull: ForgePullState): string {
      const head = pull.state === 'open' ? state.head(pull.branch) : null;
      if (head !== null) pull.commit = head;
      return pull.commit ?? '';
    },
    /** The newest commit that two branches or commits have in common. */
    mergeBase(one: string, other: string): string | null {
      try {
        const args = ['--git-dir', state.bare(), 'merge-base', one, other];
        return execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
      } catch {
        return null;
      }
    },
    addIssue(given: Partial<ForgeIssueState> & { title: string; author: string; labelledBy?: string }) {
      const { labelledBy = given.author, ...rest } = given;
      const labels = given.labels ?? [];
      const issue: ForgeIssueState = {
        ...{ number: state.issues.length + state.pulls.length + 1, body: '', state: 'open' as const },
        ...{ createdAt: new Date(), updatedAt: new Date(), edits: [] },
        labelEvents: labels.map((label) => ({
          id: nextId(),
          actor: labelledBy,
          label,
          action: 'add' as const,
        })),
        ...rest,
        labels,
      };
      state.issues.push(issue);
      return issue;
    },
    /** Somebody changes an issue. @param actor missing: its author */
    editIssue(
      number: number,
      change: Partial<Pick<ForgeIssueState, 'title' | 'body' | 'state'>>,
      actor?: string,
    ) {
      const issue = state.issues.find((each) => each.number === number);
      if (issue === undefined) throw new Error(`There is no issue ${number}`);
      for (const part of ['title', 'body'] as const) {
        const [before, after] = [issue[part], change[part] ?? issue[part]];
        if (before === after) continue;
        const edit = { part, before, after, actor: actor ?? issue.author, at: new Date() };
        issue.edits.push({ id: nextId(), ...edit });
      }
      return Object.assign(issue, change, { updatedAt: new Date() });
    },
    label(number: number, label: string, actor: string, action: 'add' | 'remove' = 'add') {
      const issue = state.editIssue(number, {});
      issue.labels = [...issue.labels.filter((each) => each !== label), ...(action === 'add' ? [label] : [])];
      issue.labelEvents.push({ id: nextId(), actor, label, action });
    },
    addCheck(given: Partial<ForgeCheckState> & { commit: string; name: string }) {
      const check: ForgeCheckState = {
        ...{ id: nextId(), state: 'pending' as const, kind: 'run' as const, log: '', summary: '' },
        ...given,
      };
      state.checks.push(check);
      return check;
    },
    addPipeline(given: Partial<ForgePipelineState> & { sha: string; status: string }) {
      const made = { ref: 'df/x', source: 'push', jobs: [], bridges: [] };
      const pipeline: ForgePipelineState = { ...made, id: 20_000 + nextId(), ...given };
      state.pipelines.push(pipeline);
      return pipeline;
    },
    addComment(number: number, author: string, body: string): ForgeCommentState {
      const comment = { id: nextId(), number, author, body, createdAt: new Date(), updatedAt: new Date() };
      state.comments.push(comment);
      return comment;
    },
    /** Gives the repository another name; the old one leads to it. */
    rename(to: string) {
      state.formerNames.push(state.repository);
      state.repository = to;
    },
  };
  return state;
}
export type ForgeState = ReturnType<typeof createForgeState>;
