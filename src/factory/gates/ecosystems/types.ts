/**
 * Finds how a repository is tested, linted, formatted and set up, from the files of its base commit alone: nothing that
 * an agent wrote decides what proves its work.
 */

export interface FoundCommand {
  command: string;
  /** The file that says so, for people. */
  source: string;
  /** Of a set-up: no lock file says which versions. It needs the network, and what it resolves the first time is kept. */
  unlocked?: boolean;
  /** Of a set-up: where it fails, the packages of the machine may do. */
  optional?: boolean;
}

export interface Ecosystem {
  test: FoundCommand | null;
  lint: FoundCommand | null;
  format: FoundCommand | null;
  setup: FoundCommand | null;
  /** Checks by commands that are usual for such a repository and that it does not name itself. */
  guessed?: ('lint' | 'format')[];
  /** Files whose change since the base commit can turn a red gate green. */
  definitions: string[];
}

/** The files at the root of the base commit, and the text of the few that are asked for. */
export interface BaseTree {
  has(path: string): boolean;
  /** All paths, for patterns. */
  paths: readonly string[];
  read(path: string): Promise<string | null>;
}

export type Found = Partial<Omit<Ecosystem, 'definitions'>>;
