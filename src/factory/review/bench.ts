import type { Toolbox } from '../agent/tools/toolbox.ts';
import type { NotNow } from '../agent/turn/turn-types.ts';
import type { Config } from '../config/config.ts';
import type { HearingSession } from '../hearings/hearing.ts';
import type { ChatMessage } from '../model/message.ts';
import type { Project } from '../model/project.ts';
import type { JudgedFinding, ReviewReport } from '../model/review.ts';
import type { ScratchTrees } from '../ports/workspace.ts';
import type { GitManager, PaidCall, Sandbox, StateStore } from '../ports.ts';
import type { Change } from './judge.ts';
import type { Sides } from './prove.ts';

export interface ReviewDeps {
  state: Pick<StateStore, 'newOutput'>;
  git: Pick<GitManager, 'diff' | 'changedFiles' | 'listFiles' | 'fileIds'>;
  sandbox: Sandbox;
  trees: ScratchTrees;
  config: Pick<Config, 'audits' | 'gates'>;
  now(): Date;
}

export interface ReviewOrder {
  project: Project;
  head: string;
  /** What the change is for, in the words of whoever ordered it. */
  about?: string;
  avoidProvider?: PaidCall['avoidProvider'];
  /** Says what the finders found that could be asked, where money is short; otherwise there is no review then. */
  evenUnpaid: boolean;
  /** Is told of each finding that was judged. */
  tell(finding: JudgedFinding): Promise<void>;
}

/** A review under way. */
export interface Bench extends ReviewOrder {
  deps: ReviewDeps;
  at: HearingSession;
  tools: Toolbox;
  opening: ChatMessage;
  change: Change;
  sides: Sides;
  outputs: Map<string, string>;
}

export type Reviewed = ReviewReport | { notNow: NotNow } | 'interrupted';
