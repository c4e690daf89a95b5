import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { ControlSeen, QualityReport, SeenRed } from '../../model/gates/gate-report.ts';
import type { Project } from '../../model/project.ts';
import type { ScratchTrees } from '../../ports/workspace.ts';
import type { GitManager, Sandbox, StateStore } from '../../ports.ts';
import type { PermissionTexts } from '../pins/permission.ts';
import type { SealedRun } from './run-sealed.ts';

/** What running a gate or a criterion needs of the world. */
export interface GateDeps {
  state: Pick<StateStore, 'newOutput'>;
  git: Pick<GitManager, 'listFiles' | 'showFile' | 'changedFiles' | 'fileIds'>;
  sandbox: Sandbox;
  now(): Date;
}

export interface GateRunDeps extends GateDeps {
  state: Pick<StateStore, 'newOutput' | 'readOutput'>;
  trees: ScratchTrees;
}

export interface GateRun {
  id: string;
  project: Project;
  persona: string;
  kind: QualityReport['kind'];
  round: number;
  /** HEAD of the worktree, in which everything is committed. */
  commit: string;
  checks: readonly GateCheck[];
  /** The owner's acceptance tests, where there are some. */
  sealed?: SealedRun | undefined;
  /** The baseline's report: what failed there is a known failure. */
  baseline: QualityReport | undefined;
  /** Where a change of what decides about the work may be allowed. */
  words: PermissionTexts;
  /** `gates.knownFailures: allow`: failures that the base commit has, too, do not stop the gate. */
  acceptKnown: boolean;
  /** What earlier gates saw of new and changed tests. */
  earlier: readonly SeenRed[];
  /** What earlier gates saw of tests that must fail. */
  earlierControls: readonly ControlSeen[];
  timeoutMs: number;
  signal: AbortSignal;
  progress(line: string): void;
}
