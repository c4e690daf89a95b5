/** What tells an agent from all others in logs of many projects. */
export function agentIdOf(projectId: string, persona: string): string {
  return `${projectId}/${persona}`;
}
