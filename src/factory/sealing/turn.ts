import { OPENING } from '../agent/memory/memory.ts';
import { readFile } from '../agent/tools/files.ts';
import { createToolbox } from '../agent/tools/toolbox.ts';
import { runTurn } from '../agent/turn/turn.ts';
import type { TurnDeps, TurnOutcome } from '../agent/turn/turn-types.ts';
import type { ScratchTree } from '../gates/run/scratch.ts';
import { fingerprint } from '../gates/run/sealed.ts';
import type { Project } from '../model/project.ts';
import { sealingOpening, sealingPrompt } from './prompt.ts';
import { SEALER, type SealWith } from '../model/sealer.ts';
import { describeDraft, sealingTools } from './tools.ts';
import type { Services } from '../../services.ts';
import { activeWhile, countTime } from '../lifecycle/active-while.ts';
import { judgeContext, search } from '../audits/tools.ts';
import { waitForMoney } from '../lifecycle/not-now.ts';
import type { JobContext } from '../../workers/steps/processor.ts';
import { done, type JobResult } from '../../queues/jobs/result.ts';
import { inBaseTree, tryOnBase } from './base.ts';
import { atSealing, type SealingStep } from '../../workers/steps/sealing-step.ts';
import { turnLimits } from '../lifecycle/turn-deps.ts';
import { watchTurn } from '../agent/turn/watch.ts';

/**
 * One turn of whoever writes a project's sealed checks. It is a step like an agent's, with a journal and a state of its own;
 * what it may do is look at the base commit and write below the project's folder.
 */
export function sealTurn(job: { projectId: string; step: number }, context: JobContext): Promise<JobResult> {
  return atSealing(
    job,
    context,
    (sealing) => takeTurn(context, sealing),
    (project) => giveToOwner(context.services, project),
  );
}

async function takeTurn(context: JobContext, { project, sealWith, writer }: SealingStep): Promise<JobResult> {
  const { services } = context;
  const { id: projectId } = project;
  const { step } = writer;
  const journal = services.state.journal(projectId, SEALER);
  const memory = await services.memories.read(`${projectId}/${SEALER}`, journal);
  await services.desk.goOn(projectId);
  if (step === 1) await tellBegin(services, project, sealWith);
  const turn = await activeWhile(context, project, (signal) =>
    inBaseTree(services, project, async (tree) => {
      const deps = await sealingDeps(context, project, sealWith, tree, memory.nextStep);
      return runTurn(deps, memory, writer, signal);
    }),
  );
  if (turn.stopped) return turn.result;
  await countTime(context, projectId, turn.ms);
  if (turn.value.kind === 'interrupted') return { outcome: 'interrupted', detail: 'the turn was cut' };
  if (turn.value.kind !== 'done') return waitForMoney(context, projectId, turn.value);
  await save(services, projectId, { step: writer.step, epoch: writer.epoch }, turn.value);
  await services.desk.wentWell(projectId);
  await services.desk.dispatch(projectId);
  return done(`step ${step} of the sealing: ${turn.value.outcome}`);
}

/**
 * Pauses a project whose sealed checks could not be written: it never goes on without them. The state is put right after the
 * pause, so that a crash in between pauses once more instead of going on.
 *
 * @returns `null` when nothing is stuck
 */
async function giveToOwner({ state, desk }: Services, { id }: Project): Promise<JobResult | null> {
  const { status, blockedReason } = await state.agent(id, SEALER).get();
  if (status !== 'blocked') return null;
  const why =
    `The sealed checks could not be written: ${blockedReason ?? 'no progress.'} Nothing was begun without them. df resume lets ` +
    'their writer try on; or make the project anew, with another persona or --sealed-command.';
  await desk.pauseFor(id, 'owner', why);
  await state.agent(id, SEALER).update((sealer) => {
    const { blockedReason: _reason, ...rest } = sealer;
    return { ...rest, status: 'thinking' };
  });
  return done(why);
}

function tellBegin({ record }: Services, { id }: Project, { persona }: SealWith): Promise<void> {
  return record({
    projectId: id,
    type: 'sealing.started',
    level: 'info',
    persona: SEALER,
    message: `${persona} writes sealed checks before the work begins.`,
  });
}

async function save(
  { state, clock }: Services,
  projectId: string,
  { step, epoch }: { step: number; epoch: number },
  { outcome, reason }: Extract<TurnOutcome, { kind: 'done' }>,
): Promise<void> {
  const now = clock.now();
  const blocked = outcome === 'blocked' || outcome === 'fork';
  await state.agent(projectId, SEALER).update((sealer) => ({
    ...sealer,
    status: outcome === 'finish' ? 'waiting_for_quality' : blocked ? 'blocked' : 'thinking',
    startedAt: sealer.startedAt ?? now,
    lastActivityAt: now,
    nextStep: Math.max(sealer.nextStep, step + 1),
    epoch,
    ...(blocked ? { blockedReason: reason ?? 'no progress.' } : {}),
  }));
}

async function sealingDeps(
  context: JobContext,
  project: Project,
  sealWith: SealWith,
  tree: ScratchTree,
  step: number,
): Promise<TurnDeps> {
  const { services } = context;
  const { state, git, config } = services;
  const finance = await services.finance();
  const template = await services.desk.persona(project, sealWith.persona);
  const base = await git.listFiles(project.repository, project.baseCommit);
  const files = async () => (await state.sealed(project.id)) ?? [];
  const hands = {
    sandbox: await services.sandbox(),
    place: tree.place,
    commandTimeoutMs: config.gates.timeout,
    newOutput: (label: string) => state.newOutput(project.id, label),
  };
  const tools = sealingTools({
    draft: { files, write: (path, content) => state.writeSealed(project.id, path, content) },
    base,
    command: sealWith.command,
    tryOut: async (signal) => (await tryOnBase(services, project, sealWith, signal)).verdict.text,
  });
  return {
    projectId: project.id,
    persona: SEALER,
    operation: 'sealing',
    // Nobody is named where nobody is ready: then any provider may take it, and still is no author.
    avoidProvider: (await finance.author(project.id)) ?? '',
    finance,
    clock: services.clock,
    system: sealingPrompt({ name: sealWith.persona, body: template.body }, sealWith),
    tools: createToolbox([readFile, search(hands), ...tools]),
    context: judgeContext(hands),
    limits: await turnLimits(services),
    notes: [{ key: OPENING, text: sealingOpening(project, sealWith, base) }],
    openWork: async () => describeDraft(await files()),
    wordForWord: async () => describeDraft(await files()),
    workMark: async () => fingerprint(await files()),
    watch: watchTurn(context, project.id, SEALER, step),
  };
}
