import type { TurnDeps, TurnEvent, TurnLimits } from '../agent/turn/turn-types.ts';
import type { Config } from '../config/config.ts';
import type { Route } from '../finance/routing/routes.ts';
import type { NewEvent } from '../model/event.ts';
import type { PersonaTemplate } from '../model/personas/persona.ts';
import type { Project } from '../model/project.ts';
import type { SealWith } from '../model/sealing/sealer.ts';
import type { ScratchTrees } from '../ports/workspace.ts';
import type { FinanceManager, GitManager, JournalWriter, Sandbox, StateStore } from '../ports.ts';

/** What the writing of sealed checks needs of the world. */
export interface SealingDeps {
  state: StateStore;
  git: Pick<GitManager, 'listFiles'>;
  sandbox: Sandbox;
  trees: ScratchTrees;
  finance: TurnDeps['finance'] & Pick<FinanceManager, 'author'>;
  config: Pick<Config, 'gates' | 'tiers' | 'routing'>;
  now(): Date;
  persona(project: Project, name: string): Promise<PersonaTemplate>;
  limits(route: Route): Promise<TurnLimits>;
  watch(event: TurnEvent): void;
  record(event: NewEvent): Promise<void>;
}

/** One step of the writing of a project's sealed checks. */
export interface SealingStep {
  project: Project;
  sealWith: SealWith;
  writer: JournalWriter;
}
