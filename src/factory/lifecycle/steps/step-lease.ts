import { join } from 'node:path';
import { DarkFactoryError } from '../../../lib/failure.ts';
import type { Log } from '../../../lib/log.ts';
import type { Liveness } from '../../../lib/process/process.ts';
import { type JobResult, skipped } from '../../../queues/jobs/result.ts';
import type { Config } from '../../config/config.ts';
import type { StepId } from '../../model/agent-id.ts';
import type { Holder, JournalEntry } from '../../model/journal.ts';
import { type JournalWriter, LeaseLost, type StateStore } from '../../ports.ts';
import type { ProjectService } from '../project-service.ts';
import { type CrashDeps, giveUp, judgeCrashes, oneAtATime } from './crash-loop.ts';
import { tellAgain } from './tell-again.ts';

/** Between two looks at a step that another job holds. */
const POLL_INTERVAL_MS = 1_000;
/** On top of the longest call or command, before a holder that gives no sign is taken for hung. */
const PATIENCE_MS = 60_000;

/** The job for which a step is leased, and what is needed to judge of other leases. */
export interface LeaseContext {
  services: LeaseDeps;
  /** Its id in the queue, the same when it is delivered again. */
  job: string;
}

export interface LeaseDeps extends CrashDeps {
  config: Pick<Config, 'limits' | 'agent' | 'gates'>;
  log: Pick<Log, 'warn' | 'debug'>;
  projectService: Pick<ProjectService, 'pauseFor' | 'catchUp'>;
  /** `null`: no such job is known. */
  queues(): Promise<{ isAtWork(job: string): Promise<boolean | null> }>;
  /** The lease at the end of an agent's journal that no end of a step closed, and what is known of its holder. */
  openLease(
    projectId: string,
    persona: string,
  ): Promise<{ epoch: number; holder: Liveness; job: string | undefined } | null>;
}

/**
 * Does the work of a step under its lease. A step may be asked for by two jobs (a redelivered one, and one that a look for lost
 * work added): while a living worker is at it for another job, this one waits, for the fence of the journal would end the other
 * only after its model call was answered, and it would be paid for twice. A job that is delivered again takes over at once: its
 * first worker has lost it. However the work ends, the step is free for others afterwards.
 *
 * @param taken what to do when the step is over or somebody else's
 */
export async function atStep(
  context: LeaseContext,
  at: StepId,
  work: (writer: JournalWriter) => Promise<JobResult>,
  { lease = leaseOf, taken = skip }: { lease?: typeof leaseOf; taken?: typeof skip } = {},
): Promise<JobResult> {
  const { services } = context;
  const until = await heldUntil(context, at);
  if (until !== null) return { outcome: 'parked', until, detail: 'another job is at this step' };
  await refuseForeign(services, at);
  const writer = await lease(context, at);
  if (writer === null) {
    await refuseShort(services, at);
    return taken(context, at);
  }
  const leased = { ...at, step: writer.step };
  try {
    await tellAgain(services, leased, writer);
    const verdict = await judgeCrashes(services, leased, writer);
    if (verdict === 'give up') return await giveUp(services, leased, writer);
    return verdict === 'isolate' ? await oneAtATime(services, () => work(writer)) : await work(writer);
  } finally {
    await giveBack(services, leased, writer);
  }
}

/**
 * A job asks only for a step that follows on one that is over. Where the journal does not reach so far, lines of it are gone:
 * without a word the step would be asked for, and never taken, for ever.
 */
async function refuseShort({ state }: LeaseDeps, { projectId, persona, step }: StepId): Promise<void> {
  const done = lastDone(await state.journal(projectId, persona).entries());
  if (step <= done + 1) return;
  const file = fileOf(state, { projectId, persona });
  throw new DarkFactoryError(
    'environment',
    'journal_short',
    `${file}: ends before step ${done + 1}, though step ${step - 1} is over: the file was emptied, cut or replaced`,
    PUT_BACK,
  );
}

/** The last step that is over; 0: none is. */
export function lastDone(entries: readonly JournalEntry[]): number {
  return entries.reduce((last, { type, step }) => (type === 'step_done' ? Math.max(last, step) : last), 0);
}

/** A journal of another project or persona that was put in this one's place would have its conversation gone on with. */
async function refuseForeign({ state }: LeaseDeps, { projectId, persona }: StepId): Promise<void> {
  const entries = await state.journal(projectId, persona).entries();
  const newest = entries.findLast((entry) => entry.type === 'lease');
  const of = newest?.type === 'lease' ? newest.holder.of : undefined;
  if (of === undefined) return;
  for (let id: string | undefined = projectId; id !== undefined; id = await parentOf(state, id))
    if (of === nameOf({ projectId: id, persona })) return;
  const file = fileOf(state, { projectId, persona });
  throw new DarkFactoryError(
    'environment',
    'journal_foreign',
    `${file}: is the journal of ${of}, and was put in the place of this one`,
    PUT_BACK,
  );
}

/** A branch begins with the journals of its parent. */
async function parentOf(state: StateStore, id: string): Promise<string | undefined> {
  return (await state.project(id).get()).parentProjectId;
}

type JournalOf = Pick<StepId, 'projectId' | 'persona'>;

const PUT_BACK = 'Put a copy of it back and go on with df resume, or end the project with df stop.';
const nameOf = ({ projectId, persona }: JournalOf): string => `${projectId}/${persona}`;

function fileOf(state: StateStore, { projectId, persona }: JournalOf): string {
  return join(state.projectFolder(projectId), 'agents', `${persona}.jsonl`);
}

/** Who takes a lease, for which job, and in whose journal. */
export async function leaseHolder({ services, job }: LeaseContext, at: JournalOf): Promise<Holder> {
  return { ...(await services.holder()), job, of: nameOf(at) };
}

/** @returns when to look again, while a living worker is at the open step for another job; `null` when it may be taken */
export async function heldUntil(
  { services, job }: LeaseContext,
  { projectId, persona }: Pick<StepId, 'projectId' | 'persona'>,
): Promise<Date | null> {
  const { state, config, clock } = services;
  const lease = await services.openLease(projectId, persona);
  if (lease === null || lease.holder === 'dead' || lease.job === job) return null;
  if (await isOver(services, lease.job)) return null;
  const entries = await state.journal(projectId, persona).entries();
  const sign = Date.parse(entries.at(-1)?.at ?? '');
  const now = clock.now().getTime();
  const hungAt = sign + Math.max(config.agent.modelTimeout, config.gates.timeout) + PATIENCE_MS;
  return Number.isNaN(sign) || now >= hungAt ? null : new Date(now + POLL_INTERVAL_MS);
}

/** A job that is known and not at work left its lease behind: it could not be put down at its end. */
async function isOver({ queues, log }: LeaseDeps, job: string | undefined): Promise<boolean> {
  if (job === undefined) return false;
  try {
    return (await (await queues()).isAtWork(job)) === false;
  } catch (error) {
    log.debug({ err: error }, 'whether a job is at work could not be asked');
    return false;
  }
}

async function leaseOf(context: LeaseContext, at: StepId): Promise<JournalWriter | null> {
  const { projectId, persona, step } = at;
  return context.services.state.journal(projectId, persona).lease(step, await leaseHolder(context, at));
}

async function skip({ services }: LeaseContext, at: StepId): Promise<JobResult> {
  return skipped(await overtaken(services, at));
}

/** For a step that is taken already: whoever took it may have died before saving, so the agent's state follows its journal. */
export async function overtaken(
  { projectService }: Pick<LeaseDeps, 'projectService'>,
  { projectId, persona }: StepId,
): Promise<string> {
  const behind = await projectService.catchUp(projectId, persona);
  return behind ? 'already taken; the state was behind its journal' : 'already taken';
}

/** Until a lease that could not be put down is tried to be put down again. */
const RELEASE_RETRY_MS = 2_000;

/**
 * Puts down a step that has no end (no money, going down, a failure). Where that fails, as in a folder that cannot be written just
 * now, it is tried again for as long as this process lives: others wait for it.
 */
async function giveBack(services: LeaseDeps, at: StepId, writer: JournalWriter): Promise<void> {
  try {
    await release(services, at, writer);
  } catch (error) {
    services.log.warn({ ...at, err: error }, 'a step could not be put down; it is tried again');
    setTimeout(() => void giveBack(services, at, writer), RELEASE_RETRY_MS).unref();
  }
}

async function release(
  { state }: LeaseDeps,
  { projectId, persona }: StepId,
  writer: JournalWriter,
): Promise<void> {
  const last = (await state.journal(projectId, persona).entries()).at(-1);
  if (last?.epoch !== writer.epoch || last.type === 'step_done' || last.type === 'released') return;
  try {
    await writer.append({ type: 'released' });
  } catch (error) {
    const gone = error instanceof DarkFactoryError && error.code === 'project_not_found';
    if (!gone && !(error instanceof LeaseLost)) throw error;
  }
}
