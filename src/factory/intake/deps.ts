import type { NewId } from '../../lib/ids.ts';
import type { OrchestrationEngine } from '../lifecycle/engine.ts';
import type { NewEvent } from '../model/event.ts';
import type { ForgeConfig } from '../model/forge/forge.ts';
import type { Forge, StateStore } from '../ports.ts';

export interface IntakeDeps {
  state: StateStore;
  openForge(config: ForgeConfig): Promise<Forge>;
  /** The engine in somebody's name. */
  actAs(
    by: string,
  ): Pick<OrchestrationEngine, 'createProject' | 'startProject' | 'retryProject' | 'terminateProject'>;
  record(event: NewEvent): Promise<void>;
  /** What lasts for a while and is told once. @returns whether it begins, or ends, with this call */
  episodes: { begin(name: string): Promise<boolean>; end(name: string): Promise<boolean> };
  newId: NewId;
  now(): Date;
}
