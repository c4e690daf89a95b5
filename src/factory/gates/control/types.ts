export interface Control {
  text: string;
  /** Names of the tests that must fail. Empty: the file as a whole must, and only the exit code tells. */
  titles: string[];
  /** Names of tests that fail where a function of the repository's own judges; whether it does, the base commit says. */
  helpers?: readonly { title: string; callee: string }[];
  /** For programs: one that must fail before anything else is done. */
  first?: string;
  /** For programs: one that asks for something else in one of its assertions. */
  other?: string;
  /** From the text it is plain that the control is reached where nothing else fails. */
  sure: boolean;
}
