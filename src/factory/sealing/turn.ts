import { OPENING } from '../agent/memory/memory.ts';
import type { AgentMemory } from '../agent/memory/memory-types.ts';
import { readFile } from '../agent/tools/files.ts';
import { createToolbox } from '../agent/tools/toolbox.ts';
import { runTurn } from '../agent/turn/turn.ts';
import type { TurnDeps, TurnOutcome } from '../agent/turn/turn-types.ts';
import { routeAtWork } from '../finance/routing/routes.ts';
import { lookContext, search } from '../gates/run/look.ts';
import { fingerprint } from '../gates/run/sealed.ts';
import type { AgentState } from '../model/agent.ts';
import { SEALER } from '../model/sealing/sealer.ts';
import type { ScratchTree } from '../ports/workspace.ts';
import { inBaseTree, tryOnBase } from './base.ts';
import type { SealingDeps, SealingStep } from './deps.ts';
import { sealingOpening, sealingPrompt } from './prompt.ts';
import { describeDraft, sealingTools } from './tools.ts';

/**
 * One turn of whoever writes a project's sealed checks. It is a step like an agent's, with a journal and a state of its own;
 * what it may do is look at the base commit and write below the project's folder.
 */
export async function takeSealingTurn(
  deps: SealingDeps,
  sealing: SealingStep,
  memory: AgentMemory,
  signal: AbortSignal,
): Promise<TurnOutcome> {
  const { project, sealWith, writer } = sealing;
  if (writer.step === 1) {
    const message = `${sealWith.persona} writes sealed checks before the work begins.`;
    await deps.record({
      ...{ projectId: project.id, persona: SEALER },
      ...{ type: 'sealing.started', level: 'info', message },
    });
  }
  return inBaseTree(deps, project, async (tree) =>
    runTurn(await turnDeps(deps, sealing, tree, memory), memory, writer, signal),
  );
}

/** Why a project whose sealed checks could not be written is paused: it never goes on without them. `null`: nothing is stuck. */
export function whyStuck({ status, blockedReason }: AgentState): string | null {
  if (status !== 'blocked') return null;
  return (
    `The sealed checks could not be written: ${blockedReason ?? 'no progress.'} Nothing was begun without them. df resume lets ` +
    'their writer try on; or make the project anew, with another persona or --sealed-command.'
  );
}

/** Their writer, when it may try on. */
export function unstuck({ blockedReason: _reason, ...sealer }: AgentState): AgentState {
  return { ...sealer, status: 'thinking' };
}

async function turnDeps(
  deps: SealingDeps,
  { project, sealWith }: SealingStep,
  tree: ScratchTree,
  memory: AgentMemory,
): Promise<TurnDeps> {
  const { state, git, config, finance, sandbox } = deps;
  const template = await deps.persona(project, sealWith.persona);
  const base = await git.listFiles(project.repository, project.baseCommit);
  const files = async () => (await state.sealed(project.id)) ?? [];
  const look = {
    sandbox,
    place: tree.place,
    commandTimeoutMs: config.gates.timeout,
    newOutput: (label: string) => state.newOutput(project.id, label),
  };
  const tools = sealingTools({
    draft: { files, write: (path, content) => state.writeSealed(project.id, path, content) },
    base,
    command: sealWith.command,
    tryOut: async (signal) => (await tryOnBase(deps, project, sealWith, signal)).verdict.text,
  });
  return {
    projectId: project.id,
    persona: SEALER,
    operation: 'sealing',
    // Nobody is named where nobody is ready: then any provider may take it, and still is no author.
    avoidProvider: (await finance.author(project.id)) ?? '',
    finance,
    clock: deps,
    system: sealingPrompt({ name: sealWith.persona, body: template.body }, sealWith),
    tools: createToolbox([readFile, search(look), ...tools], lookContext(look)),
    ...(sealWith.effort === undefined ? {} : { effort: sealWith.effort }),
    limits: await deps.limits(routeAtWork(config, project, { persona: SEALER }, memory.held)),
    notes: [{ key: OPENING, text: sealingOpening(project, sealWith, base) }],
    openWork: async () => describeDraft(await files()),
    wordForWord: async () => describeDraft(await files()),
    workMark: async () => fingerprint(await files()),
    watch: deps.watch,
  };
}
