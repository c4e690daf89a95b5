import type { Services } from '../../../services.ts';
import type { Channel } from '../render/output.ts';

/** What `df worker` was asked for. */
export interface WorkerOptions {
  /** Names of queues. Missing: all. */
  queues?: string[];
  /** Steps at once. Missing: from the configuration. */
  concurrency?: number;
}

/** Works until it is told to stop; resolves with the exit code. Handed in by the program, since producers know no workers. */
export type StartWorker = (options: WorkerOptions) => Promise<number>;

/** All that a command may reach. */
export interface CommandContext {
  /** The name the program was called by: `df` or `dark-factory`. */
  program: string;
  /** The script that is running, to start workers with. */
  script: string;
  /** `--json`: one document on stdout, nothing else there. */
  json: boolean;
  out: Channel;
  /** Messages, warnings and progress. */
  err: Channel;
  stdin: NodeJS.ReadStream;
  env: NodeJS.ProcessEnv;
  /** Throws `environment`/`folder_gone` where it is gone: asked for by commands that need it alone. */
  readonly cwd: string;
  /** Opened once, at the first call, and closed by `main` when the command is over. */
  services(): Promise<Services>;
  startWorker: StartWorker;
}
