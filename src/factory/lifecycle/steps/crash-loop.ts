/** What is done about a step over which workers die, and about the workers that only seem to have died over it. */

import type { Clock } from '../../../lib/clock.ts';
import type { Liveness } from '../../../lib/process/process.ts';
import { done, type JobResult } from '../../../queues/jobs/result.ts';
import { diedAtIt, GIVEN_UP, isSameProcess, underWay, workersLost } from '../../agent/memory/crashes.ts';
import { remember } from '../../agent/memory/memory.ts';
import { type BooksDeps, openBooks } from '../../agent/turn/settle.ts';
import type { Config } from '../../config/config.ts';
import type { StepId } from '../../model/agent-id.ts';
import { AUDITOR } from '../../model/agents.ts';
import type { FactoryEvent } from '../../model/event.ts';
import { type Holder, leaseEntry } from '../../model/journal.ts';
import type { JournalWriter, StateStore } from '../../ports.ts';
import type { ProjectService } from '../project-service.ts';

/** When a suspect that found the place for suspects taken looks again. */
const RETRY_INTERVAL_MS = 2_000;

export interface CrashDeps {
  state: StateStore;
  clock: Clock;
  config: Pick<Config, 'limits'>;
  projectService: Pick<ProjectService, 'pauseFor'>;
  finance(): Promise<BooksDeps['finance']>;
  record(event: Omit<FactoryEvent, 'timestamp'>): Promise<void>;
  /** This process, and what is known of another one. */
  holder(): Promise<Holder>;
  liveness(holder: Holder): Promise<Liveness>;
  /** Does work that may cost its worker while no other such work is done on this machine. `null`: other such work is under way. */
  isolated<T>(work: () => Promise<T>): Promise<T | null>;
}

/**
 * Says of a step that was just leased what its journal says of the workers before. Takeovers are told in the audit log.
 *
 * A worker that dies leaves every step that it had, so all of those are under suspicion. The last try before the verdict is
 * therefore made by one suspect at a time: then nobody else is to blame.
 */
export async function judgeCrashes(
  deps: CrashDeps,
  at: StepId,
  writer: JournalWriter,
): Promise<'retry' | 'isolate' | 'give up'> {
  const lost = await lostOver(deps, at, writer);
  if (lost.length === 0) return 'retry';
  await tellTakeOvers(deps, at, writer, lost);
  const most = deps.config.limits.crashes;
  if (lost.length >= most) return 'give up';
  return lost.length === most - 1 ? 'isolate' : 'retry';
}

/** Each worker is told once: whoever took the step after it may have been overtaken, or was killed, before it told. */
async function tellTakeOvers(
  { state, record }: CrashDeps,
  at: StepId,
  writer: JournalWriter,
  lost: readonly Holder[],
): Promise<void> {
  const told = (await state.events(at.projectId).readAll()).flatMap(({ type, persona, step, data }) =>
    type === 'lease.taken_over' && persona === at.persona && step === at.step
      ? (leaseEntry.shape.holder.safeParse(data?.holder).data ?? [])
      : [],
  );
  await writer.check();
  for (const [index, holder] of lost.entries()) {
    if (told.some((each) => isSameProcess(each, holder))) continue;
    const message = `Step ${at.step} was left by worker ${holder.pid}, which is gone; it goes on where its journal ends.`;
    const data = { lost: index + 1, holder };
    await record({ ...at, type: 'lease.taken_over', level: 'info', message, data });
  }
}

/** The workers that a step has cost at the place where it stands. */
async function lostOver(
  { state, holder, liveness }: CrashDeps,
  { projectId, persona, step }: StepId,
  { epoch }: JournalWriter,
): Promise<Holder[]> {
  const lost = workersLost(await state.journal(projectId, persona).entries(), step, epoch);
  if (lost.length === 0) return lost;
  const self = await holder();
  const died = await Promise.all(lost.map(async (each) => diedAtIt(each, await liveness(each), self)));
  return lost.filter((_, index) => died[index]);
}

/** Does work that may cost its worker while no other such work is done on this machine; parked until it is its turn. */
export async function oneAtATime(
  { isolated, clock }: Pick<CrashDeps, 'isolated' | 'clock'>,
  work: () => Promise<JobResult>,
): Promise<JobResult> {
  const until = new Date(clock.now().getTime() + RETRY_INTERVAL_MS);
  const detail = 'workers died over it; such steps are tried one at a time';
  return (await isolated(work)) ?? { outcome: 'parked', until, detail };
}

/** Gives a step up, with the books in order: its project is put before its owner, who may have it tried again. */
export async function giveUp(deps: CrashDeps, at: StepId, writer: JournalWriter): Promise<JobResult> {
  const { projectId, persona, step } = at;
  const { state, clock, projectService, record, config } = deps;
  const books = { state, now: () => clock.now(), finance: await deps.finance() };
  const what = underWay(remember(await state.journal(projectId, persona).entries()));
  const name = `${persona === AUDITOR ? 'Audit' : 'Step'} ${step}`;
  const reason = `${name} ended ${config.limits.crashes} workers in a row and is not tried again. Under way was ${what}.`;
  await openBooks(books, at, writer);
  await record({ projectId, persona, step, type: 'step.quarantined', level: 'error', message: reason });
  await writer.append({ type: 'note', key: `${GIVEN_UP}${writer.epoch}`, text: reason });
  await projectService.pauseFor(projectId, 'owner', `${reason} df resume tries it once more.`);
  return done(reason);
}
