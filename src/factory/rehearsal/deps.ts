import type { Config } from '../config/config.ts';
import type { Check } from '../diagnosis/check.ts';
import type { Space } from '../model/disk-space.ts';
import type { Project } from '../model/project.ts';
import type { FinanceManager, Sandbox, StateStore } from '../ports.ts';
import type { BaseDeps } from './base.ts';
import type { Finding } from './finding.ts';

/** A project that is to be worked on. */
export interface Asked {
  name: string;
  /** Missing: it could not even be made. */
  project?: Project;
  /** Of the making. */
  findings: readonly Finding[];
}

export type Planned = Asked & { project: Project };

/** Keeps what was found of some, and tells it. */
export type Note = (whose: readonly Asked[], findings: readonly Finding[]) => void;

export interface RehearseDeps extends Omit<BaseDeps, 'sandbox' | 'state' | 'progress'> {
  /** The rehearsal's own, with the projects in it. */
  state: BaseDeps['state'] & Pick<StateStore, 'project'>;
  /** The factory's. */
  history: Pick<StateStore, 'listProjects' | 'project' | 'costs' | 'providers'>;
  config: Config;
  sandbox(): Promise<Sandbox>;
  finance(): Promise<Pick<FinanceManager, 'probeProvider'>>;
  /** What `df health` looks at. */
  checks(): Promise<readonly Check[]>;
  spaceOf(folder: string): Promise<Space | null>;
  /** Where worktrees lie. */
  worktrees: string;
  /** What is looked at now, for whoever waits. @param whose names of projects; none: all of them */
  doing(whose: readonly string[], what: string): void;
  /** As soon as it is known. */
  found(whose: readonly string[], findings: readonly Finding[]): void;
}
