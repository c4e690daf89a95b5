/** A copy of a test, to be put into the file's text under a name. */
export interface Made {
  at: number;
  /** Which assertion of which test it is, the same on the base commit. */
  of: string;
  make(title: string): string;
}

export const MOST_OF_A_TEST = 2;
/** A test that fails half way leaves open what it started, and its runner would wait for that. */
export const STARTS =
  /listen\(|createServer|spawn|fork\(|exec\(|connect|setInterval|setTimeout|Worker|watch\(|launch|open\(|Popen|Thread|socket|subprocess|serve|sleep/i;
/** Whether assertions within loops are meant as well. */
export type Loops = 'with loops' | 'without loops';
