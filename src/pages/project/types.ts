import type { QualityReport } from '../../factory/model/gates/gate-report.ts';
import type { CostEntry } from '../../factory/model/money/finance.ts';
import type { Project } from '../../factory/model/project.ts';
import type { TaskList } from '../../factory/model/task.ts';
import type { TranscriptStep } from '../../factory/transcript/transcript.ts';
import type { BranchDocument } from '../../producers/documents/branches.ts';
import type { StatusDocument } from '../../producers/documents/status.ts';
import type { Wire } from '../data/wire.ts';

export type ProjectShown = Wire<Project>;
export type StatusShown = Wire<StatusDocument>;
export type StepShown = Wire<TranscriptStep>;
export type GateShown = Wire<QualityReport>;
export type TasksShown = Wire<TaskList>;
export type BranchShown = Wire<BranchDocument>;
export type CostShown = Wire<CostEntry>;

/** Whether something may have happened to the project or a branch of it, at any depth, whose cost and time are its own as well. */
export function isOf(id: string, status: StatusShown | undefined, projectId: string): boolean {
  return projectId === id || (status?.project.childProjectIds.length ?? 0) > 0;
}

/** Of every part of the page. */
export interface PartProps {
  id: string;
  status: StatusShown;
}
