import * as z from 'zod';

/** What an agent may call, in the order in which a model is shown it. */
export const agentTool = z.enum([
  'bash',
  'read_file',
  'write_file',
  'edit_file',
  'add_tasks',
  'update_task',
  'commit',
  'propose_decision',
  'ask_owner',
  'finish',
]);
export type AgentTool = z.infer<typeof agentTool>;

/** With these work comes to its end, so no persona is without them. */
const ALWAYS: readonly AgentTool[] = ['update_task', 'finish'];

/** Whether a persona that is kept to some tools has one. @param kept missing: it has all of them */
export function hasTool(kept: readonly AgentTool[] | undefined, name: string): boolean {
  return kept === undefined || [...kept, ...ALWAYS].some((each) => each === name);
}
