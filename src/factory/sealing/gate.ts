import { saveStep } from '../agent/memory/agent-state.ts';
import { fingerprint } from '../gates/run/sealed.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Project } from '../model/project.ts';
import type { SealedFile, SealedSettings } from '../model/sealing/sealed.ts';
import { awaitsSealing, MOST_TRIES, SEALER, type SealWith, sealedRedText } from '../model/sealing/sealer.ts';
import type { JournalWriter } from '../ports.ts';
import type { SealingDeps, SealingStep } from './deps.ts';
import type { SealedVerdict } from './judge.ts';

/**
 * Settles a claim that the sealed checks are complete, after they were run on the base commit: they are sealed when they can be run
 * and fail there. Checks that all pass there are sent back once; after that they are sealed all the same and called never red,
 * for some work (a tidier inside, the same outside) has no check that could fail before. Checks that do not run are never sealed.
 *
 * @returns what came of it, for the board
 */
export async function settleChecks(
  deps: SealingDeps,
  { project, sealWith, writer }: SealingStep,
  { files, verdict }: { files: readonly SealedFile[]; verdict: SealedVerdict },
): Promise<string> {
  const { state } = deps;
  const round = (await state.agent(project.id, SEALER).get()).gateRound + 1;
  await writer.check();
  if (verdict.kind === 'red' || (verdict.kind === 'green' && round > 1)) {
    await seal(deps, project, sealWith, files, verdict, await state.journal(project.id, SEALER).entries());
    await writer.append({ type: 'step_done', outcome: 'passed' });
  } else await sendBack(deps, project.id, writer, verdict, round);
  return `sealed checks, round ${round}: ${verdict.kind}`;
}

/** From here on they are the project's sealed checks, like an owner's: one hash, and every gate runs them. */
async function seal(
  deps: SealingDeps,
  project: Project,
  { persona, command, show }: SealWith,
  files: readonly SealedFile[],
  { checks, kind }: SealedVerdict,
  entries: readonly JournalEntry[],
): Promise<void> {
  const now = deps.now();
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
  await deps.state
    .project(project.id)
    .update((current) =>
      awaitsSealing(current)
        ? { ...current, settings: { ...current.settings, sealed }, updatedAt: now }
        : current,
    );
  await deps.record({
    projectId: project.id,
    type: 'sealed.written',
    level: kind === 'red' ? 'info' : 'warn',
    persona: SEALER,
    message: `${files.length} files of sealed checks by ${persona} (${by.providers.map(({ id }) => id).join(', ')}): ${sealedRedText(by)}.`,
    data: { checks, providers: by.providers },
  });
}

/** Journal first, then the state, which follows it. */
async function sendBack(
  deps: SealingDeps,
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
      : 'Fix that, then call finish again.';
  await writer.append(
    { type: 'note', key: `gate-${writer.step}`, text: `The checks were not sealed. ${text}\n\n${order}` },
    { type: 'step_done', outcome: blocked ? 'blocked' : 'continue', ...(blocked ? { reason } : {}) },
  );
  await saveStep(deps, { projectId, persona: SEALER });
  await deps.record({
    projectId,
    type: 'sealed.refused',
    level: 'warn',
    persona: SEALER,
    message: `The sealed checks were sent back to their writer: ${kind === 'green' ? 'they pass before the work is done.' : (text.split('\n')[0] ?? '')}`,
  });
}
