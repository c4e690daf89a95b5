import { definitionsIn } from '../pins/definitions.ts';
import { findNode } from './node.ts';
import { findCargo, findGo, findMake } from './others.ts';
import { findPython } from './python.ts';

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
type Finder = (tree: BaseTree) => Promise<Found>;

/** In order of precedence: the first that knows a command wins, command by command. */
const FINDERS: readonly Finder[] = [findNode, findPython, findCargo, findGo, findMake];

/**
 * @param tree the repository at its base commit
 * @returns for each kind of check the command, or `null` where the repository names none
 */
export async function findEcosystem(tree: BaseTree): Promise<Ecosystem> {
  const found: Ecosystem = {
    test: null,
    lint: null,
    format: null,
    setup: null,
    definitions: definitionsIn(tree.paths),
  };
  for (const find of FINDERS) {
    const answer = await find(tree);
    const guessed = (answer.guessed ?? []).filter((kind) => found[kind] === null && answer[kind]);
    found.guessed = [...(found.guessed ?? []), ...guessed];
    found.test ??= answer.test ?? null;
    found.lint ??= answer.lint ?? null;
    found.format ??= answer.format ?? null;
    found.setup ??= answer.setup ?? null;
  }
  return found;
}
