/** The factory is halted: no worker begins anything, whatever the queues hold. */
export interface Halt {
  /** The file that says so. */
  file: string;
  /** `null`: not known. */
  since: Date | null;
  /** One sentence for people; what stands in a file made by hand may be any text. */
  reason: string;
}

/** The owner's switch for all workers of a home, on this and on other machines. Needs no Redis. */
export interface EmergencyStop {
  /** Whether the factory is halted. Cheap (one look at a file) and never throws: asked before every job and every paid call. */
  look(): Halt | null;
  /** Halts the factory. One that is halted already keeps its reason. Throws `environment` errors of the disk. */
  halt(reason: string): Promise<{ halt: Halt; changed: boolean }>;
  /** Lets work go on. @returns what ended, `null` when the factory was not halted */
  release(): Promise<Halt | null>;
}
