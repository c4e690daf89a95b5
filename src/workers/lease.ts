import { type JournalWriter, LeaseLost } from '../factory/ports.ts';
import type { Services } from '../services.ts';
import { oneAtATime, quarantine, suspicion } from './poison.ts';
import { type JobContext, type JobResult, overtaken, skipped } from './processor.ts';

/** A step of a journal: of an agent, or of the factory's own auditor or sealer. */
export interface StepOf {
  projectId: string;
  /** Name of the journal. */
  persona: string;
  step: number;
}

/** Milliseconds between two looks at a step that another job holds. */
const LOOK_AGAIN = 1_000;
/** On top of the longest call or command, before a holder that gives no sign is taken for hung. Milliseconds. */
const PATIENCE = 60_000;

/**
 * Does the work of a step under its lease. A step may be asked for by two jobs (a redelivered one, and one that a look for lost
 * work added): while a living worker is at it for another job, this one waits, for the fence of the journal would end the other
 * only after its model call was answered, and it would be paid for twice. A job that is delivered again takes over at once: its
 * first worker has lost it. However the work ends, the step is free for others afterwards.
 *
 * @param taken what to do when the step is over or somebody else's
 */
export async function atStep(
  context: JobContext,
  at: StepOf,
  work: (writer: JournalWriter) => Promise<JobResult>,
  { lease = leaseOf, taken = skip }: { lease?: typeof leaseOf; taken?: typeof skip } = {},
): Promise<JobResult> {
  const { services } = context;
  const until = await heldUntil(context, at);
  if (until !== null) return { outcome: 'parked', until, detail: 'another job is at this step' };
  const writer = await lease(context, at);
  if (writer === null) return taken(context, at);
  try {
    const verdict = await suspicion(services, at, writer);
    if (verdict === 'guilty') return await quarantine(services, at, writer);
    return verdict === 'suspect' ? await oneAtATime(services, () => work(writer)) : await work(writer);
  } finally {
    await release(services, at, writer);
  }
}

/** @returns when to look again, while a living worker is at the open step for another job; `null` when it may be taken */
export async function heldUntil(
  { services, job }: JobContext,
  { projectId, persona }: Pick<StepOf, 'projectId' | 'persona'>,
): Promise<Date | null> {
  const { state, config, clock } = services;
  const lease = await services.openLease(projectId, persona);
  if (lease === null || lease.holder === 'dead' || lease.job === job) return null;
  const entries = await state.journal(projectId, persona).entries();
  const sign = Date.parse(entries.at(-1)?.at ?? '');
  const now = clock.now().getTime();
  const hungAt = sign + Math.max(config.agent.modelTimeout, config.gates.timeout) + PATIENCE;
  return Number.isNaN(sign) || now >= hungAt ? null : new Date(now + LOOK_AGAIN);
}

async function leaseOf(
  { services, job }: JobContext,
  { projectId, persona, step }: StepOf,
): Promise<JournalWriter | null> {
  return services.state.journal(projectId, persona).lease(step, { ...(await services.holder()), job });
}

async function skip({ services }: JobContext, { projectId, persona }: StepOf): Promise<JobResult> {
  return skipped(await overtaken(services, projectId, persona));
}

/** A step that was put down without an end (no money, going down, a failure). */
async function release(
  { openLease }: Services,
  { projectId, persona }: StepOf,
  writer: JournalWriter,
): Promise<void> {
  const open = await openLease(projectId, persona);
  if (open?.epoch !== writer.epoch) return;
  try {
    await writer.append({ type: 'released' });
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
  }
}
