/** What is done about a step over which workers die, and about the workers that only seem to have died over it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diedAtIt, GIVEN_UP, underWay, workersLost } from '../agent/memory/crashes.ts';
import type { Holder } from '../model/journal.ts';
import { remember } from '../agent/memory/memory.ts';
import { openBooks } from '../agent/turn/settle.ts';
import type { JournalWriter } from '../ports.ts';
import { AUDITOR } from '../model/agents.ts';
import { GLANCE, LockBusy, withLock } from '../../lib/locks/lock.ts';
import { createProcesses } from '../../lib/process/process.ts';
import type { Services } from '../../services.ts';
import type { StepId } from '../model/agent-id.ts';
import { done, type JobResult } from '../../queues/jobs/result.ts';

/** When a suspect that found the place for suspects taken looks again, in milliseconds. */
const AGAIN = 2_000;

/**
 * Says of a step that was just leased what its journal says of the workers before. A takeover is told in the audit log.
 *
 * A worker that dies leaves every step that it had, so all of those are under suspicion. The last try before the verdict is
 * therefore made by one suspect at a time: then nobody else is to blame.
 */
export async function suspicion(
  services: Services,
  at: StepId,
  writer: JournalWriter,
): Promise<'none' | 'suspect' | 'guilty'> {
  const lost = await lostOver(services, at, writer);
  const last = lost.at(-1);
  if (last === undefined) return 'none';
  if (await isNews(services, at, writer, last)) await tellTakeOver(services, at, last, lost.length);
  const most = services.config.limits.crashes;
  if (lost.length >= most) return 'guilty';
  return lost.length === most - 1 ? 'suspect' : 'none';
}

/** Whoever had the lease right before this one, and put it down again, took it from that worker too and told of it. */
async function isNews(
  { state }: Services,
  { projectId, persona }: StepId,
  { epoch }: JournalWriter,
  last: Holder,
): Promise<boolean> {
  const entries = await state.journal(projectId, persona).entries();
  const before = entries.findLast((entry) => entry.type === 'lease' && entry.epoch < epoch);
  return (
    before?.type === 'lease' && before.holder.pid === last.pid && before.holder.startedAt === last.startedAt
  );
}

function tellTakeOver({ record }: Services, at: StepId, last: Holder, lost: number): Promise<void> {
  const message = `Step ${at.step} was left by worker ${last.pid}, which is gone; it goes on where its journal ends.`;
  return record({ ...at, type: 'lease.taken_over', level: 'info', message, data: { lost, holder: last } });
}

/** The workers that a step has cost at the place where it stands. */
async function lostOver(
  { state, holder, liveness }: Services,
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
  { home, clock }: Pick<Services, 'home' | 'clock'>,
  work: () => Promise<JobResult>,
): Promise<JobResult> {
  const folder = join(home.data, 'gates');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let entered = false;
  const enter = () => {
    entered = true;
    return work();
  };
  try {
    return await withLock(join(folder, 'suspect.lock'), { processes: createProcesses(), ...GLANCE }, enter);
  } catch (error) {
    if (entered || !(error instanceof LockBusy)) throw error;
  }
  const until = new Date(clock.now().getTime() + AGAIN);
  return { outcome: 'parked', until, detail: 'workers died over it; such steps are tried one at a time' };
}

/** Gives a step up, with the books in order: its project is put before its owner, who may have it tried again. */
export async function quarantine(services: Services, at: StepId, writer: JournalWriter): Promise<JobResult> {
  const { projectId, persona, step } = at;
  const { state, clock, desk, record, config } = services;
  const deps = { state, now: () => clock.now(), finance: await services.finance() };
  const what = underWay(remember(await state.journal(projectId, persona).entries()));
  const name = `${persona === AUDITOR ? 'Audit' : 'Step'} ${step}`;
  const reason = `${name} ended ${config.limits.crashes} workers in a row and is not tried again. Under way was ${what}.`;
  await openBooks(deps, at, writer);
  await record({ projectId, persona, step, type: 'step.quarantined', level: 'error', message: reason });
  await writer.append({ type: 'note', key: `${GIVEN_UP}${writer.epoch}`, text: reason });
  await desk.pauseFor(projectId, 'owner', `${reason} df resume tries it once more.`);
  return done(reason);
}
