/** Workers that died over a job which has no journal: a gate, a merge, the start or end of a project, a probe, a notice. */

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diedAtIt, isSameProcess } from '../../factory/agent/memory/crashes.ts';
import { FACTORY } from '../../factory/finance/deps.ts';
import { oneAtATime } from '../../factory/lifecycle/steps/crash-loop.ts';
import { type Holder, leaseEntry } from '../../factory/model/journal.ts';
import { ENDED } from '../../factory/model/project.ts';
import { isOfFuture } from '../../lib/clock.ts';
import { orNull } from '../../lib/errno.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { parseJson } from '../../lib/record.ts';
import type { Payload, QueueName } from '../../queues/jobs/catalogue.ts';
import { done, type JobResult } from '../../queues/jobs/result.ts';
import type { Services } from '../../services.ts';
import { episodesOf } from '../../state/home/episodes.ts';
import { leaveUntidied } from '../after-failure.ts';

/** What belongs to no project is tried again after this time. */
const RETRY_INTERVAL_MS = 10 * 60_000;
/** A try of a job that never came again is forgotten after this time. */
const MAX_TRY_AGE_MS = 7 * 24 * 60 * 60_000;

/** Where tries are written down, and what is known of their workers. */
type Tries = Pick<Services, 'home' | 'clock' | 'holder' | 'liveness'>;
type GivingUp = Pick<Services, 'home' | 'state' | 'clock' | 'record' | 'projectService'>;

/**
 * Does a job, and gives it up once it has cost `limits.crashes` workers: its project is paused with the reason, what belongs to none
 * waits for a while. As with steps, the last try is made by one suspect at a time.
 *
 * Each try is a file with its worker's name, gone when the job ends in whatever way: a dead worker of whom one is left, or several, is
 * a death.
 */
export async function withTries<Name extends QueueName>(
  queue: Name,
  payload: Payload<Name>,
  { services }: { services: Tries & GivingUp & Pick<Services, 'config' | 'isolated'> },
  work: () => Promise<JobResult>,
): Promise<JobResult> {
  if (hasJournal(queue, payload)) return work();
  const most = services.config.limits.crashes;
  const folder = folderOf(services);
  const key = keyOf(queue, payload);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const deaths = await deathsOf(services, folder, key);
  if (deaths.workers >= most) {
    const wait = deaths.newest + RETRY_INTERVAL_MS - services.clock.now().getTime();
    const given = await giveUp(services, queue, payload, deaths.workers, Math.max(0, wait));
    if (given.outcome !== 'parked') await forget(deaths.files);
    if (given.outcome !== 'parked' || wait > 0) return given;
  }
  const own = join(folder, `${key}.${randomBytes(8).toString('hex')}`);
  await writeFile(own, JSON.stringify(await services.holder()), { mode: 0o600 });
  try {
    const suspect = deaths.workers === most - 1;
    const result = suspect ? await oneAtATime(services, work) : await work();
    if (result.outcome === 'done' || result.outcome === 'skipped') await forget(deaths.files);
    return result;
  } finally {
    await rm(own, { force: true });
  }
}

/** Is a worker that lives, as far as is known, at this job just now? */
export async function isTried<Name extends QueueName>(
  services: Pick<Tries, 'home' | 'liveness'>,
  queue: Name,
  payload: Payload<Name>,
): Promise<boolean> {
  const folder = folderOf(services);
  const names = await namesIn(folder);
  for (const name of names.filter((each) => each.startsWith(`${keyOf(queue, payload)}.`))) {
    const holder = await holderIn(join(folder, name));
    if (holder !== undefined && (await services.liveness(holder)) !== 'dead') return true;
  }
  return false;
}

const folderOf = ({ home }: Pick<Tries, 'home'>): string => join(home.data, 'tries');

function keyOf<Name extends QueueName>(queue: Name, payload: Payload<Name>): string {
  // In one order of its fields, whoever made it.
  const fields = Object.entries(payload).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(`${queue} ${JSON.stringify(Object.fromEntries(fields))}`)
    .digest('hex')
    .slice(0, 16);
}

/** Steps, audits and claims count in their journals, which also know how far they got. */
function hasJournal<Name extends QueueName>(queue: Name, payload: Payload<Name>): boolean {
  return queue === 'agent-steps' || queue === 'audits' || ('kind' in payload && payload.kind === 'finish');
}

async function deathsOf(
  services: Tries,
  folder: string,
  key: string,
): Promise<{ files: string[]; workers: number; newest: number }> {
  const self = await services.holder();
  const files: string[] = [];
  // One may have been at the job several times over when it died: it dies once.
  const workers: Holder[] = [];
  let newest = 0;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const mine = name.startsWith(`${key}.`);
    const found = await orNull(stat(file));
    if (found === null) continue;
    const now = services.clock.now();
    const age = now.getTime() - found.mtimeMs;
    if (age > MAX_TRY_AGE_MS) await rm(file, { force: true });
    if (age > MAX_TRY_AGE_MS || !mine) continue;
    const holder = await holderIn(file);
    if (holder === undefined || !diedAtIt(holder, await services.liveness(holder), self)) continue;
    files.push(file);
    if (!workers.some((each) => isSameProcess(each, holder))) workers.push(holder);
    // The clock was set back since: the wait would last as much longer.
    const late = isOfFuture(found.mtime, now);
    if (late) await orNull(utimes(file, now, now));
    newest = Math.max(newest, late ? now.getTime() : found.mtimeMs);
  }
  return { files, workers: workers.length, newest };
}

/** One that died as it wrote its name says nothing of the job. */
async function holderIn(file: string): Promise<Holder | undefined> {
  return leaseEntry.shape.holder.safeParse(parseJson((await orNull(readFile(file, 'utf8'))) ?? '')).data;
}

async function forget(files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => rm(file, { force: true })));
}

async function giveUp<Name extends QueueName>(
  services: GivingUp,
  queue: Name,
  payload: Payload<Name>,
  deaths: number,
  waitMs: number,
): Promise<JobResult> {
  const { state, projectService, record, clock } = services;
  const what = describe(queue, payload);
  const reason = `${what} ended ${deaths} workers in a row and is not tried again.`;
  if (!('projectId' in payload)) {
    const isNews = () => episodesOf(services).isDue(`given-up-${keyOf(queue, payload)}`, RETRY_INTERVAL_MS);
    if (waitMs > 0 && (await isNews()))
      await record({
        projectId: FACTORY,
        type: 'job.quarantined',
        level: 'error',
        message: `${reason.slice(0, -1)} for ten minutes.`,
      });
    return { outcome: 'parked', until: new Date(clock.now().getTime() + waitMs), detail: reason };
  }
  const { projectId } = payload;
  await record({ projectId, type: 'job.quarantined', level: 'error', message: reason });
  if (ENDED.has((await state.project(projectId).get()).status)) {
    if ('action' in payload && payload.action === 'stop') await leaveUntidied(services, projectId, reason);
    return done(reason);
  }
  await projectService.pauseFor(projectId, 'owner', `${reason} df resume tries it once more.`);
  return done(reason);
}

function describe<Name extends QueueName>(queue: Name, payload: Payload<Name>): string {
  if ('kind' in payload) return `The ${payload.kind} gate`;
  if ('action' in payload)
    return payload.action === 'reconcile' ? 'The look for lost work' : `The ${payload.action} of the project`;
  return `A job of ${queue}`;
}
