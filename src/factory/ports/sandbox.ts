export type SandboxMechanism = 'bubblewrap' | 'unshare' | 'sandbox-exec' | 'off';

export interface CommandRequest {
  /** A shell command line, run by `/bin/sh -c` (bash where there is one). */
  command: string;
  worktree: string;
  /** The repository's common git dir, read-only inside. */
  gitDir: string;
  /**
   * Where the worktree appears to the command, absolute. Default: where it is. Only bubblewrap and unshare can do this; the
   * others show it where it is.
   */
  appearsAt?: string;
  /**
   * Another absolute path at which the command finds the worktree as well, with all that is mounted in it: installed packages may name
   * the place that they were installed at. With bubblewrap and unshare only.
   */
  alsoAt?: string;
  /**
   * Host folders or files that the command finds at these paths below the worktree. With bubblewrap and unshare only.
   * Read-only; with a `layer`, which is a host folder of the caller's, a folder can be written, and what is written is kept
   * in the layer, for the next command that is given the same one.
   */
  readOnlyMounts?: readonly { source: string; path: string; layer?: string }[];
  /** Folders below the worktree that are empty, writable and gone after the command. With bubblewrap and unshare only. */
  scratchFolders?: readonly string[];
  /** Default: the worktree is writable. */
  readOnly?: boolean;
  network?: boolean;
  timeoutMs: number;
  /** The full output goes there, capped; both streams in the order they came. */
  outputFile: string;
  /** Extra variables for the command. */
  env?: Record<string, string>;
  /** Cutting it ends the whole process tree. */
  signal?: AbortSignal;
}

export interface CommandResult {
  /** `null` when it was ended by a limit or a signal. */
  exitCode: number | null;
  ended: 'exit' | 'timeout' | 'aborted' | 'memory' | 'processes' | 'disk';
  durationMs: number;
  /** Head and tail of the output within 16 KiB, with a line that says how much is missing. */
  output: string;
  outputBytes: number;
  truncated: boolean;
  /** SHA-256 of what stands in the output file. */
  outputHash: string;
}

/** What else stands in the worktree for a file tool: the same as for commands. */
export type FileView = Pick<CommandRequest, 'readOnlyMounts'>;

export interface Sandbox {
  readonly mechanism: SandboxMechanism;
  /** Whether such mounts can have layers below this host folder; a layer where it cannot be is not looked at. */
  layers(folder: string): Promise<boolean>;
  run(request: CommandRequest): Promise<CommandResult>;
  /** Reads and writes run inside the sandbox too. A refused path or missing file is a value. */
  readFile(
    worktree: string,
    gitDir: string,
    path: string,
    maxBytes: number,
    view?: FileView,
  ): Promise<FileOutcome<string>>;
  writeFile(
    worktree: string,
    gitDir: string,
    path: string,
    content: string,
    view?: FileView,
  ): Promise<FileOutcome<void>>;
}

export type FileOutcome<T> = { ok: true; value: T } | { ok: false; problem: string };
