/*
 * What a package manager or build tool is to the factory: how a repository is tested, linted, formatted and set up, from the files of
 * its base commit alone, and which of its files prove work, so that nothing an agent wrote decides what proves it.
 */

/**
 * One package manager or build tool, whole. Every field has to be said: none, an empty list and an empty object are answers,
 * silence is not. `all.ts` lists them.
 */
export interface Ecosystem {
  name: string;
  /** Commands of a repository of this kind; an empty object where it is none. */
  find(tree: BaseTree): Promise<Found>;
  definitions: Definitions;
  /** Files of which only sections define gates: the rest of them is ordinary work. By file name. */
  manifests: readonly Manifest[];
  /** Names of folders of installed packages: what lies there is run by name. */
  installed: readonly string[];
  setup: SetupFacts;
  home: HomeFacts;
}

export interface Manifest {
  name: RegExp;
  merge: Merge;
  /** Whether a file with this text may go: it proves nothing. Missing: none may. */
  mayGo?(base: string): boolean;
}

/** Files that say how the work is proved, and so come from the base commit when a gate runs. */
export interface Definitions {
  /** By file name, wherever they lie in the tree, also when they are new: their tools look for them unasked. */
  names: readonly RegExp[];
  /** The same by whole path. Of a folder whose name counts also with its slash alone: a link may stand in its place. */
  paths: readonly RegExp[];
  families: readonly Family[];
}

/**
 * File names that are ordinary work where the base commit has none in the folder, and stand in for each other: which of them counts is
 * the tool's own order, so where the folder has one, a new one is a change as well.
 */
export interface Family {
  names: RegExp;
  /** They decide which packages the set-up installs. */
  locks: boolean;
  /** A second one is only read where something names it. */
  free: boolean;
  /** Whether the text of one that the base commit does not have changes how work is proved all the same. Missing: none does. */
  first?(text: string, file: FirstFile): boolean;
}

export interface FirstFile {
  path: string;
  /** All of the commit that it stands in, and of the base commit. */
  paths: ReadonlySet<string>;
  before: ReadonlySet<string>;
}

/** What decides about the outcome of a set-up besides manifests, lock files and definitions, and where its packages lie. */
export interface SetupFacts {
  /** Programs of the machine whose versions decide what is installed. */
  programs: readonly string[];
  /** Paths of further files that an install reads. */
  reads: RegExp | null;
  /** Where the repository has such a path, an install may run or read any file of it. */
  readsAll: RegExp | null;
  /** Whether such a manifest, or file of `reads`, makes an install run or copy what the repository itself holds. */
  runsCode(path: string, text: string): boolean;
  /** Of tools that keep packages in the user's home, which a command in the sandbox does not have. @param folder theirs, in the worktree */
  variables(folder: string): Record<string, string>;
  /** Of commands without a network. */
  offline: Readonly<Record<string, string>>;
}

/** What commands may see of the owner's home, read-only. Paths within it. */
export interface HomeFacts {
  /** Packages that were downloaded before. Only the folders of packages: what lies beside them may hold logins. */
  caches: readonly string[];
  /** Settings that decide whether packages are found; copied without what is secret in them. */
  settings: readonly string[];
  /** A cache that its tool reads at the place that a variable names. */
  lent: { folder: string; as: string; variable: string } | null;
  /** What programs of a folder on the PATH look for at a fixed place. */
  companions: readonly Companion[];
}

export interface Companion {
  when: string;
  folder: string;
  variable: string;
  /** Of the variable, where it is not `folder`. */
  value?: string;
}

export const NO_SETUP: SetupFacts = {
  programs: [],
  reads: null,
  readsAll: null,
  runsCode: () => false,
  variables: () => ({}),
  offline: {},
};
export const NOTHING_AT_HOME: HomeFacts = { caches: [], settings: [], lent: null, companions: [] };

/** A manifest as the gate sees it: the agent's, with the sections that define gates as they are in the base commit. */
export interface MergedManifest {
  text: string;
  /** The agent changed a section that defines gates. */
  changed: boolean;
}

/** Whether the owner allows that a script of package.json changes, or is added where it is `fresh`. */
export type MayChange = (script: string, fresh: boolean) => boolean;

/** Of two texts that differ. */
export type Merge = (base: string, head: string, mayChange: MayChange) => MergedManifest;

/** The base's text where the part that proves something differs: it stands among what is ordinary work. */
export function wholeUnless(same: (base: string, head: string) => boolean): Merge {
  return (base, head) => (same(base, head) ? { text: head, changed: false } : { text: base, changed: true });
}

export interface FoundCommand {
  command: string;
  /** The file that says so, for people. */
  source: string;
  /** Of a set-up: no lock file says which versions. It needs the network, and what it resolves the first time is kept. */
  unlocked?: boolean;
  /** Of a set-up: where it fails, the packages of the machine may do. */
  optional?: boolean;
}

/** How a repository is proved, by its base commit. `null`: it names no such command. */
export interface RepositoryCommands {
  test: FoundCommand | null;
  lint: FoundCommand | null;
  format: FoundCommand | null;
  setup: FoundCommand | null;
  /** Checks by commands that are usual for such a repository and that it does not name itself. */
  guessed?: ('lint' | 'format')[];
  /** The linter is a part of the script that tests: who asks for the tests asks for both. */
  lintOfTests?: boolean;
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

export type Found = Partial<Omit<RepositoryCommands, 'definitions'>>;
