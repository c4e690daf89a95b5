import type { BranchFigures } from '../decisions/tree/figures.ts';
import type { CostSummary } from '../finance/books/costs.ts';
import type { AgentState } from '../model/agent.ts';
import type { AuditSummary } from '../model/audit-summary.ts';
import type { FactoryEvent } from '../model/event.ts';
import type { CheckResult, QualityReport } from '../model/gates/gate-report.ts';
import type { CostEntry } from '../model/money/finance.ts';
import type { Project } from '../model/project.ts';
import type { Evidence, Task, TaskList } from '../model/task.ts';
import type { DiffFigures } from '../ports.ts';
import type { Message } from '../talk/messages.ts';
import type { Question } from '../talk/questions.ts';
import type { FailingCheck } from './failing-checks.ts';
import type { ReportDecision } from './report-decisions.ts';
import type { ReportDropped } from './report-dropped.ts';
import type { ReportTests } from './report-tests.ts';
import type { Absence, TimeSpent } from './time-spent.ts';

/** What a report is made from: state and the repository, nothing that a model says about itself. */
export interface ReportMaterial {
  project: Project;
  tasks: TaskList;
  agents: readonly AgentState[];
  /** In order of time. */
  gates: readonly QualityReport[];
  /** The ledger as it is read, with those of all that was forked from the project. */
  costs: readonly CostEntry[];
  events: readonly FactoryEvent[];
  questions?: readonly Question[];
  messages?: readonly Message[];
  failing?: readonly FailingCheck[];
  /** Of the factory, in order of time. */
  absences?: readonly Absence[];
  /** `null` when the repository or the branch cannot be read any more. */
  git: { figures: DiffFigures; log: readonly { hash: string; subject: string }[] } | null;
  /** Of the projects that were forked from it, as far as they can be read. */
  branches?: readonly BranchFigures[];
}

export interface ReportTask {
  id: string;
  title: string;
  status: Task['status'];
  persona?: string;
  completionConfidence: number;
  /** The newest run of each criterion, gate check and audit. */
  evidence: Evidence[];
  /** Names of its criteria that pass on the base commit as well. */
  neverRed: string[];
  /** What agents and audits wrote about it, word for word. */
  notes: string[];
}

export interface ReportGate {
  id: string;
  persona: string;
  kind: QualityReport['kind'];
  round: number;
  passed: boolean;
  at: Date;
  commit: string;
  sandbox: string;
  durationMs: number;
  checks: Omit<CheckResult, 'output'>[];
  /** Files that decide what the gate means and differ from the base commit. */
  gateChanged: string[];
}

export interface Report {
  generatedAt: Date;
  project: {
    id: string;
    name: string;
    repository: string;
    baseBranch: string;
    baseCommit: string;
    workBranch: string;
    personas: string[];
    createdAt: Date;
    startTime?: Date;
    endTime?: Date;
    /** The branch that the work was taken into. */
    applied?: string;
  };
  /** The task as the owner gave it. */
  asked: string;
  outcome: { status: Project['status']; stopped?: true; reason?: string };
  /** Where it can be read at a forge. */
  publication?: Project['publication'];
  /** The command that comes next for its owner. */
  next: string;
  /** Of one that did not complete: what its newest gate failed, with what the outputs say. */
  failing: FailingCheck[];
  /** What its owner could do about it, as sentences. */
  leftToTry: string[];
  /** Things the owner must know before trusting the rest. */
  warnings: string[];
  tasks: {
    /** Completed, and a command that the factory ran says so. */
    proved: ReportTask[];
    /** Called completed, with nothing that the factory saw itself. */
    claimed: ReportTask[];
    open: ReportTask[];
    skipped: ReportTask[];
  };
  dropped: ReportDropped;
  /** "N of M criteria have been seen red"; `null` where no task came with criteria. */
  criteria: string | null;
  gates: ReportGate[];
  /** Tests before the work and after it, by the newest gate of each persona. */
  proof: ReportTests;
  audit?: AuditSummary;
  commits: { hash: string; subject: string }[] | null;
  diff: DiffFigures | null;
  time: { activeMs: number; gatesMs: number; elapsedMs?: number; maxRuntime: number } & TimeSpent;
  money: Pick<
    CostSummary,
    'totalSpent' | 'possibleSpent' | 'tokensUsed' | 'byProvider' | 'byPersona' | 'byTask'
  > & {
    budget?: number;
  };
  decisions: ReportDecision[];
  /** What its agents asked, and what was answered, by whom. */
  questions: Question[];
  /** Words of the owner that no agent was told. */
  unheard: Message[];
  /** The newest warnings and errors of the audit log, in order, and how many came before them. */
  incidents: Pick<FactoryEvent, 'timestamp' | 'level' | 'type' | 'message'>[];
  earlierIncidents: number;
  /** Command lines that show the work; none where there is no branch to read. */
  look: string[];
}
