import type { SandboxMechanism } from '../../factory/ports.ts';
import type { Mount } from '../mounts/mounts.ts';

/** What a command is to find around it, whatever the mechanism that builds it. */
export interface Inside {
  mounts: readonly Mount[];
  /** Working folder, absolute. */
  cwd: string;
  network: boolean;
  env: Readonly<Record<string, string>>;
  /** Program and arguments, run inside. */
  argv: readonly string[];
  /** Its process and its end are to be reported on `REPORT_FD`, where the mechanism can. */
  report?: boolean;
}

/** No process inside has it. */
export const FILTER_FD = 5;

/** A process to start on the host that runs the command inside. */
export interface Launch {
  file: string;
  args: string[];
  env: Record<string, string>;
  /** Working folder of the starting process. */
  cwd: string;
  /** Opened as descriptor 3: the shell of `limited` enters a control group there before it starts the command. */
  entrance?: string;
  /** Opened as descriptor `FILTER_FD`: which system calls the command may not make. */
  filter?: string;
  /** It reports its process and its end. */
  reports?: boolean;
  /** To be called when all has ended: removes what was made for this one command. */
  after?: () => void;
}

/** A way to run a command apart from the host. */
export interface Mechanism {
  readonly name: SandboxMechanism;
  /**
   * The command has a process namespace of its own: when its first process ends, the kernel has ended all others before
   * anybody learns of it. Without one the tree has to be hunted down.
   */
  readonly ownProcesses: boolean;
  /** It knows how to make layers; whether this machine lets it is another matter. */
  readonly layers: boolean;
  /** For people: the variant in use and what it lacks. */
  readonly detail: string;
  launch(inside: Inside): Launch;
}
