import type { Config } from '../factory/config/config.ts';
import type { NewEvent } from '../factory/model/event.ts';
import type { Holder } from '../factory/model/journal.ts';
import type { GitManager, Sandbox, StateStore } from '../factory/ports.ts';

export interface WorkspaceDeps {
  git: GitManager;
  state: Pick<StateStore, 'newOutput'>;
  sandbox(): Promise<Sandbox>;
  config: Pick<Config, 'worktree' | 'sandbox' | 'gates'>;
  /** Of the factory's own folders: the whole of it, `data`, and what set-ups made. */
  home: {
    root: string;
    data: string;
    setups: string;
    /** Repositories of the factory's own, each for one project. */
    trials: string;
    /** Where what a set-up makes stands until it is whole; on the disk of `setups`. Missing: there. */
    making?: string;
  };
  now(): Date;
  /** This process, as others can look for it. */
  holder(): Promise<Holder>;
  liveness(holder: Holder): Promise<'alive' | 'dead' | 'foreign'>;
  record(event: NewEvent): Promise<void>;
  /** A program of the host by its name; it tells versions of tools apart. */
  findProgram(name: string): string | null;
}
