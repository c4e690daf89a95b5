/** What keeps a program running for a user without a terminal: systemd on Linux, launchd on macOS. */

/** `df up` as a service of its user. */
export interface ServicePlan {
  /** Tells the services of several homes apart. */
  name: string;
  /** Program and arguments, the program by an absolute path. */
  command: readonly string[];
  /** All of what the service gets of the environment. */
  env: Readonly<Record<string, string>>;
  home: string;
  /** Longest time that its orderly end may take, in milliseconds. */
  stopWithinMs: number;
  /** Where its output goes, if the manager does not keep it itself. */
  log: string;
}

export interface ServiceState {
  /** It begins when its user logs in, or the machine starts. */
  enabled: boolean;
  running: boolean;
  pid: number | null;
}

export interface ServiceManager {
  /** What people call it. */
  label: 'systemd' | 'launchd';
  /** Where the services of this user are written down. */
  folder: string;
  fileName(name: string): string;
  /** The name of a service of ours; `null`: the file is none. */
  nameOf(fileName: string): string | null;
  text(plan: ServicePlan): string;
  /** The home in a text of ours. */
  homeIn(text: string): string | null;
  /** Throws `environment`/`service_manager` where it does not answer. Changes nothing. */
  check(): Promise<void>;
  /** Takes a new text in, and starts it. Throws as `check`. */
  start(name: string): Promise<void>;
  /** Ends it, for good. Its file is still there. Throws as `check`. */
  stop(name: string): Promise<void>;
  /** After its file has gone. */
  forget(): Promise<void>;
  state(name: string): Promise<ServiceState>;
  /** What has to be done for it to run while its user is logged out; `null`: nothing. */
  toOutliveLogout(): Promise<string | null>;
}

/** Runs the manager's own program. @returns what it printed, and whether it succeeded */
export type Ask = (
  program: string,
  args: readonly string[],
) => Promise<{ ok: boolean; stdout: string; problem: string }>;
