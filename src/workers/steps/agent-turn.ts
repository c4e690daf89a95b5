import { atRest } from '../../factory/agent/memory/agent-state.ts';
import { runTurn } from '../../factory/agent/turn/turn.ts';
import { activeWhile } from '../../factory/lifecycle/steps/active-while.ts';
import { turnDeps } from '../../factory/lifecycle/steps/turn-deps.ts';
import type { StepId } from '../../factory/model/agent-id.ts';
import type { Project } from '../../factory/model/project.ts';
import type { JournalWriter } from '../../factory/ports.ts';
import { agentDeps } from './deps.ts';
import type { JobContext } from './processor.ts';

/** Takes a turn of an agent, whose time counts as the agent's. One that did not come to its end leaves the agent at rest. */
export async function takeTurn(context: JobContext, project: Project, at: StepId, writer: JournalWriter) {
  const { state, memories, projectService } = context.services;
  const { projectId, persona } = at;
  const agent = state.agent(projectId, persona);
  const memory = await memories.read(`${projectId}/${persona}`, state.journal(projectId, persona));
  await projectService.goOn(projectId);
  const deps = await agentDeps(context, at);
  const turn = await activeWhile(
    context,
    project,
    async (signal) => runTurn(await turnDeps(deps, project, persona, memory), memory, writer, signal),
    async (ms) => void (await agent.update((each) => ({ ...each, runtimeMs: each.runtimeMs + ms }))),
  );
  if (turn.stopped) await agent.update((each) => atRest(each, 0));
  else if (turn.value.kind !== 'done') await agent.update((each) => atRest(each, turn.ms));
  return turn;
}
