import * as z from 'zod';
import { confidence, documentHead, milliseconds, moment, usd } from '../../lib/schema.ts';
import { auditSummary } from './audit-summary.ts';
import { issueOrigin } from './forge/issue-origin.ts';
import { isWatched, publicationFields } from './forge/publication.ts';
import { fork } from './fork.ts';
import { personaConfig } from './personas/persona-config.ts';
import { reviewOrder } from './review.ts';
import { sealedSettings } from './sealing/sealed.ts';
import { sealWith } from './sealing/sealer.ts';
import { lacksTurn, turnFields } from './turn.ts';
import { waiting, waitingFor } from './waiting.ts';

export const projectStatus = z.enum([
  'initializing',
  'active',
  'paused',
  'waiting_for_credits',
  'completed',
  'failed',
  'timeout',
]);
export type ProjectStatus = z.infer<typeof projectStatus>;

/** What projects may be looked for by. */
export const shownStatuses = z.enum([...projectStatus.options, 'stopped']);
type ShownStatus = z.infer<typeof shownStatuses>;

/** A project in one of these will never work again. */
export const ENDED: ReadonlySet<ProjectStatus> = new Set(['completed', 'failed', 'timeout']);

const decisionContext = z.object({
  question: z.string(),
  option: z.string(),
  confidence,
  createdAt: moment,
});

/** Which commands the gate runs. A missing entry: found from the base commit. `null`: switched off by `--no-…`. */
export const gateCommands = z.object({
  test: z.string().min(1).nullable().optional(),
  lint: z.string().min(1).nullable().optional(),
  format: z.string().min(1).nullable().optional(),
});
export type GateCommands = z.infer<typeof gateCommands>;

/** A check that the personas ask for and gates leave out, and why. */
const notChecked = z.object({ name: z.string(), why: z.string() });
export type NotChecked = z.infer<typeof notChecked>;

/** What the owner asked for at `df init`, frozen with the project so that a later edit of config.yaml changes nothing. */
const projectSettings = z.object({
  commands: gateCommands.default({}),
  /** Run once in a new worktree before anything else. `null`: none. Missing: found from what the repository declares. */
  setup: z.string().min(1).nullable().optional(),
  /** Spending cap in USD for the whole project. Missing: only the provider's credits limit it. */
  budget: usd.optional(),
  /** The owner allows changes of gate definitions (scripts, lint and test configuration). */
  allowGateChanges: z.boolean().default(false),
  /** Acceptance tests that no agent sees; their files lie in the project's folder. */
  sealed: sealedSettings.optional(),
  /** A persona that writes them before the work begins; `sealed` is there once it has. */
  sealWith: sealWith.optional(),
  /** Milliseconds between two audits of the project at work. Missing: `auditInterval` of config.yaml. */
  auditInterval: milliseconds.optional(),
  /** Missing: nothing is left out. Found when the project is made, and by its baseline. */
  notChecked: z.array(notChecked).optional(),
  /** Failed gates of one persona, and closing audits that find open work, before an attempt fails. Missing: as config.yaml says. */
  rounds: z.number().int().positive().optional(),
  /** Tier, or id or model of the providers, that its personas are kept to. Missing: any that may work for them. */
  model: z.string().min(1).optional(),
});
export type ProjectSettings = z.infer<typeof projectSettings>;

/** One life of a project, from its start, or from `df retry`, to its end. */
const attempt = z.object({
  startedAt: moment,
  endedAt: moment.optional(),
  status: projectStatus.optional(),
  reason: z.string().optional(),
  /** Active milliseconds of the project when it began. */
  activeMs: z.number().nonnegative().optional(),
});
export type Attempt = z.infer<typeof attempt>;

/** What makes projects besides their owner: each kind says what of. */
const projectOrigin = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('schedule'),
    scheduleId: z.uuid(),
    name: z.string(),
    /** The moment that it was for. Missing: its owner ran the schedule by hand. */
    due: moment.optional(),
  }),
  issueOrigin,
]);
export type ProjectOrigin = z.infer<typeof projectOrigin>;

/** The specification's Project (§2.1), and below the line what the factory itself must remember. */
export const project = z.object({
  ...documentHead,
  id: z.uuid(),
  name: z.string().min(1).max(200),
  description: z.string().min(1),
  status: projectStatus,
  createdAt: moment,
  updatedAt: moment,
  maxRuntime: milliseconds,
  baseBranch: z.string().min(1),
  workBranch: z.string().min(1),
  worktreePath: z.string().min(1),
  personas: z.array(personaConfig).min(1),
  parentProjectId: z.uuid().optional(),
  childProjectIds: z.array(z.uuid()).default([]),
  decisionContext: decisionContext.optional(),
  totalCost: usd.default(0),
  tokensUsed: z.number().int().nonnegative().default(0),
  startTime: moment.optional(),
  endTime: moment.optional(),

  // ---
  /** Absolute path of the owner's repository (its top folder, or the bare-less git dir's work tree). */
  repository: z.string().min(1),
  /** Its common git dir, absolute: objects and refs of all its worktrees. */
  gitDir: z.string().min(1),
  /** The commit `baseBranch` stood at when the project was made; worktree and gate definitions come from it. */
  baseCommit: z.string().regex(/^[0-9a-f]{40,64}$/),
  settings: projectSettings,
  /** `df start` was given; from then on `nextJobs` may ask for work. */
  started: z.boolean().default(false),
  ...turnFields,
  /** Worktree made, branch made, `setup` run. */
  prepared: z.boolean().default(false),
  /**
   * Active milliseconds over all workers and restarts in preparation, gates and audits; waiting and pauses do not count. The whole,
   * with the steps of agents, is `activeTime`.
   */
  activeMs: z.number().nonnegative().default(0),
  /** Of its task list, after the newest step. Missing: an older program's. */
  taskCounts: z.object({ completed: z.number().int(), total: z.number().int() }).optional(),
  /** What its agents' `runtimeMs` summed up to after the newest step. */
  agentsMs: z.number().nonnegative().default(0),
  /** Why the status is what it is: one sentence for people. */
  statusReason: z.string().optional(),
  waiting: waiting.optional(),
  /** What of a provider its owner was told it waits for, since its last step that went well. */
  toldOf: waitingFor.optional(),
  /** The same of a pause that is over every hour, and for what it is each time. */
  toldOfPause: waitingFor.optional(),
  /** How often in a row it waited for what may never come, since its last step that went well. */
  waits: z.number().int().nonnegative().optional(),
  /** The persona that is tried with it, on a small repository of the factory's own. */
  trialOf: z.string().optional(),
  /** What made it, where it was not its owner's own order. */
  origin: projectOrigin.optional(),
  /** It reviews a change and makes none. */
  review: reviewOrder.optional(),
  /** Its owner has taken the work: into which branch of the repository, and the commit that this came to. */
  applied: z.object({ branch: z.string(), commit: z.string(), at: moment }).optional(),
  ...publicationFields,
  /** It is `failed` because its owner stopped it. */
  stopped: z.boolean().optional(),
  /** Oldest first; the last one is the present one. Empty before the start, and of projects that an older program started. */
  attempts: z.array(attempt).default([]),
  /** Ended, the last work committed, the worktree gone: nothing is left to do. */
  settled: z.boolean().default(false),
  /** Report id of the gate that ran on the base commit before the first step. */
  baselineGate: z.string().optional(),
  /** Audits of any kind so far: the step number of the auditor's journal. */
  auditRounds: z.number().int().nonnegative().default(0),
  /** Closing audits that found open work, for the cap. */
  failedAudits: z.number().int().nonnegative().default(0),
  lastAudit: auditSummary.optional(),
  /** An act of its owner waits for the turn under way: until then no other begins, unless the act is over before. */
  heldUntil: moment.optional(),
  /** Decisions that child projects explore or have explored, oldest first. */
  forks: z.array(fork).default([]),
  /** Of a child: the parent's commit that its branch begins with. Gates are pinned to `baseCommit`, which is the root's. */
  forkCommit: z.string().optional(),
  /** Of a root: forks of its whole tree by `<project id>/<decision id>`, with the number of their children, for the cap. */
  treeForks: z.record(z.string(), z.number().int().positive()).default({}),
});
export type Project = z.infer<typeof project>;

/** What is shown as its status: one that its owner stopped has not failed. */
export function shownStatus({ status, stopped }: Pick<Project, 'status' | 'stopped'>): ShownStatus {
  return status === 'failed' && stopped ? 'stopped' : status;
}

/** One that its owner stopped is found among the failed ones as well: that is what its document says. */
export function hasStatus(project: Pick<Project, 'status' | 'stopped'>, wanted: ShownStatus): boolean {
  return project.status === wanted || shownStatus(project) === wanted;
}

/** Counted from 1. */
export function attemptOf({ attempts }: Pick<Project, 'attempts'>): number {
  return Math.max(1, attempts.length);
}

/** It is paused, but not by its owner: it waits for the branches of a decision. */
export function exploresDecision({ status, waiting }: Pick<Project, 'status' | 'waiting'>): boolean {
  return status === 'paused' && waiting?.for === 'project';
}

/** Its budget is used up: it waits for money that only its owner, or its parent, could give. */
export function isOutOfMoney({ status, waiting }: Pick<Project, 'status' | 'waiting'>): boolean {
  return status === 'paused' && waiting?.for === 'budget' && waiting.until === undefined;
}

/** A cap over all projects is reached, or every provider fails at its work: it says when it goes on by itself. */
export function pausesForATime({ status, waiting }: Pick<Project, 'status' | 'waiting'>): boolean {
  const endsByItself = waiting?.for === 'budget' || waiting?.for === 'provider';
  return status === 'paused' && endsByItself && waiting.until !== undefined;
}

/** All it was asked for is done and proved, and nothing of it is left to tidy up. */
export function isEndedWell({ status, settled }: Pick<Project, 'status' | 'settled'>): boolean {
  return status === 'completed' && settled;
}

/** Whether anything is still to be done for a project: work, tidying up after its end, publishing what it came to, or watching that. */
export function needsAttention(
  project: Pick<Project, 'status' | 'settled' | 'toPublish' | 'publication' | 'watching'>,
): boolean {
  const { status, settled, toPublish } = project;
  return !ENDED.has(status) || !settled || toPublish !== undefined || isWatched(project);
}

/**
 * Whether the figures of a project may have grown beyond those in its document: it is at work, or has branches that may end
 * after it.
 */
export function figuresMove(project: Project): boolean {
  const waits = project.status === 'initializing' && lacksTurn(project);
  return (project.started && !project.settled && !waits) || project.childProjectIds.length > 0;
}

/** How a branch of a decision that was lost lives on, for `df retry` refuses it. `null`: the project is none. */
export function branchLivesOn({
  parentProjectId,
  workBranch,
}: Pick<Project, 'parentProjectId' | 'workBranch'>): string | null {
  if (parentProjectId === undefined) return null;
  return `Retry its parent once that has ended: df retry ${parentProjectId.slice(0, 8)}, or go on from its branch: df init <name> --base ${workBranch}.`;
}
