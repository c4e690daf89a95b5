/** What tells an agent from all others in logs of many projects. */
export function agentIdOf(projectId: string, persona: string): string {
  return `${projectId}/${persona}`;
}

/** A step of a journal: of an agent, or of the factory's own auditor or sealer. */
export interface StepId {
  projectId: string;
  /** Name of the journal. */
  persona: string;
  step: number;
}
