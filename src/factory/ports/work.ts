import type { JobResult } from '../../queues/jobs/result.ts';
import type { NewEvent } from '../model/event.ts';
import type { GateCheck } from '../model/gates/gate-check.ts';
import type { Project } from '../model/project.ts';
import type { Waiting } from '../model/waiting.ts';

export type Watched<T> =
  /** `ms` is active time that the caller still has to save, together with what else it saves. */
  { stopped: false; value: T; ms: number } | { stopped: true; result: JobResult };

/** What work on a project asks for beside documents. */
export interface WorkDeps {
  now(): Date;
  record(event: NewEvent): Promise<void>;
  /** A line for whoever watches the job. */
  progress(line: string): void;
  /**
   * Does work with its active time counted and its end in sight: the signal is cut when the worker goes down, when the owner stops the
   * project, or when its maximum runtime is used up.
   *
   * @param count saves milliseconds at a heartbeat; by default with the project
   */
  whileActive<T>(
    project: Project,
    work: (signal: AbortSignal) => Promise<T>,
    count?: (ms: number) => Promise<void>,
  ): Promise<Watched<T>>;
  projects: ProjectActions;
}

export interface ProjectActions {
  /** Enqueues what the project needs next. */
  dispatch(projectId: string): Promise<void>;
  /** The same for its parent, where it has one. */
  dispatchParent(projectId: string): Promise<void>;
  /** `paused` until its owner resumes it. */
  pauseFor(projectId: string, cause: Waiting['for'], detail: string): Promise<void>;
  /** Lets projects of the backlog begin whose turn has come. */
  giveTurns(open?: readonly Project[]): Promise<void>;
  /** Whether the owner has said something that this agent was not told yet. */
  hasNews(project: Project, persona: string): Promise<boolean>;
  /** The checks of a persona's gate, without those that are left out. */
  checks(project: Project, persona: string): Promise<readonly GateCheck[]>;
}
