/** One command that a gate runs, or the reason why it cannot. */
export interface GateCheck {
  name: string;
  /** `null`: the check is required, but nobody said how to run it. It fails and says so. */
  command: string | null;
  expectedExitCode: number;
  source: string;
  /** The repository does not name this command; it is what is usual for its kind. */
  guessed?: boolean;
}
