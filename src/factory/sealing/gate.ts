import type { JournalEntry } from '../model/journal.ts';
import type { SealedFile, SealedSettings } from '../model/sealed.ts';
import { fingerprint } from '../gates/run/sealed.ts';
import type { JournalWriter } from '../ports.ts';
import type { Project } from '../model/project.ts';
import type { SealedVerdict } from './judge.ts';
import { awaitsSealing, MOST_TRIES, SEALER, sealedRedText, type SealWith } from '../model/sealer.ts';
import { activeWhile, countTime } from '../lifecycle/active-while.ts';
import type { JobContext } from '../../workers/steps/processor.ts';
import { done, type JobResult } from '../../queues/jobs/result.ts';
import { tryOnBase } from './base.ts';
import { atSealing, type SealingStep } from '../../workers/steps/sealing-step.ts';

/**
 * A claim that the sealed checks are complete: they are run on the base commit, and sealed when they can be run and fail there.
 * Checks that all pass there are sent back once; after that they are sealed all the same and called never red, for some work
 * (a tidier inside, the same outside) has no check that could fail before. Checks that do not run are never sealed.
 */
export function sealGate(job: { projectId: string; step: number }, context: JobContext): Promise<JobResult> {
  return atSealing(job, context, (sealing) => tryChecks(context, sealing));
}

async function tryChecks(
  context: JobContext,
  { project, sealWith, writer }: SealingStep,
): Promise<JobResult> {
  const { services } = context;
  const { state } = services;
  const { id: projectId } = project;
  const journal = state.journal(projectId, SEALER);
  const round = (await state.agent(projectId, SEALER).get()).gateRound + 1;
  const active = await activeWhile(context, project, (signal) =>
    tryOnBase(services, project, sealWith, signal),
  );
  if (active.stopped) return active.result;
  await countTime(context, projectId, active.ms);
  const { files, verdict } = active.value;
  await writer.check();
  if (verdict.kind === 'red' || (verdict.kind === 'green' && round > 1)) {
    await seal(context, project, sealWith, files, verdict, await journal.entries());
    await writer.append({ type: 'step_done', outcome: 'passed' });
  } else await sendBack(context, projectId, writer, verdict, round);
  await services.desk.dispatch(projectId);
  return done(`sealed checks, round ${round}: ${verdict.kind}`);
}

/** From here on they are the project's sealed checks, like an owner's: one hash, and every gate runs them. */
async function seal(
  { services }: JobContext,
  project: Project,
  { persona, command, show }: SealWith,
  files: readonly SealedFile[],
  { checks, kind }: SealedVerdict,
  entries: readonly JournalEntry[],
): Promise<void> {
  const now = services.clock.now();
  const providers = new Map(
    entries.flatMap((entry) => (entry.type === 'reply' ? [[`${entry.provider} ${entry.model}`, entry]] : [])),
  );
  const by = {
    persona,
    providers: [...providers.values()].map(({ provider, model }) => ({ id: provider, model })),
    at: now,
    checks,
  };
  const sealed: SealedSettings = { command, show, files: files.length, hash: fingerprint(files), by };
  await services.state
    .project(project.id)
    .update((current) =>
      awaitsSealing(current)
        ? { ...current, settings: { ...current.settings, sealed }, updatedAt: now }
        : current,
    );
  await services.record({
    projectId: project.id,
    type: 'sealed.written',
    level: kind === 'red' ? 'info' : 'warn',
    persona: SEALER,
    message: `${files.length} files of sealed checks by ${persona} (${by.providers.map(({ id }) => id).join(', ')}): ${sealedRedText(by)}.`,
    data: { checks, providers: by.providers },
  });
}

/** Journal first, then the state: a crash in between is mended by `catchUp`. */
async function sendBack(
  { services }: JobContext,
  projectId: string,
  writer: JournalWriter,
  { text, kind }: SealedVerdict,
  round: number,
): Promise<void> {
  const blocked = kind === 'unusable' && round % MOST_TRIES === 0;
  const reason = `${MOST_TRIES} times they could not be used. ${text.split('\n')[0] ?? ''}`;
  const order =
    kind === 'green'
      ? 'Write checks that fail until the work is done, then call finish. If no check could fail before (the work must change nothing that can be seen), call finish again, and they are sealed as they are.'
      : 'Mend that, then call finish again.';
  await writer.append(
    { type: 'note', key: `gate-${writer.step}`, text: `The checks were not sealed. ${text}\n\n${order}` },
    { type: 'step_done', outcome: blocked ? 'blocked' : 'continue', ...(blocked ? { reason } : {}) },
  );
  await services.state.agent(projectId, SEALER).update((sealer) => ({
    ...sealer,
    status: blocked ? 'blocked' : 'thinking',
    nextStep: writer.step + 1,
    epoch: writer.epoch,
    gateRound: round,
    lastActivityAt: services.clock.now(),
    ...(blocked ? { blockedReason: reason } : {}),
  }));
  await services.record({
    projectId,
    type: 'sealed.refused',
    level: 'warn',
    persona: SEALER,
    message: `The sealed checks were sent back to their writer: ${kind === 'green' ? 'they pass before the work is done.' : (text.split('\n')[0] ?? '')}`,
  });
}
