import type { NotNow } from '../agent/turn/turn-types.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import type { Project } from '../model/project.ts';
import type { Judging } from './judge.ts';
import type { Opinions } from './opinions.ts';

export interface Round extends Judging, Pick<AuditOrder, 'kind' | 'busy'> {
  project: Project;
  opinions: Opinions;
  commit: string;
  reports: readonly QualityReport[];
}

export interface Finding {
  taskId: string | null;
  /** Who has to go on; `null`: the first agent. */
  persona: string | null;
  text: string;
}

export interface AuditOutcome {
  findings: readonly Finding[];
  judge: string;
  commit: string;
}

/** `interrupted`: cut before it was over, by whom it may be; it says nothing of what was not judged. */
export type Judged = AuditOutcome | { notNow: NotNow } | 'interrupted';

export interface AuditOrder {
  kind: 'closing' | 'periodic' | 'manual';
  /** Agents are at work meanwhile. */
  busy: boolean;
  signal: AbortSignal;
  log(line: string): void;
}
