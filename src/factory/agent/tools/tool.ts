import type * as z from 'zod';
import type { ToolSpec } from '../../model/message.ts';
import type { Sandbox } from '../../ports.ts';
import { type ReadArguments, readArguments } from './arguments.ts';
import { parametersOf } from './parameters.ts';

/** What a tool call came to. Whatever a model did wrong is an outcome too, never an exception. */
export interface ToolOutcome {
  /** What the model sees: at most 16 KiB, head and tail. */
  output: string;
  isError: boolean;
  /** File with the whole output, relative to the project's folder. */
  outputFile?: string;
  /**
   * What it means for the step. `finish`, `blocked` and `fork` end it. `unfinished`: the signal cut the call before its
   * effect was whole; nothing is journalled, and the call is made again, with the same key, when the step is resumed.
   */
  effect?: 'finish' | 'blocked' | 'fork' | 'unfinished';
}

/** One call of one step. */
export interface CallInfo {
  /** `<persona>/<step>/<index>`: the same call after a crash has the same key, so its effect can be found again. */
  key: string;
  /** Cut when the step must end: pause, stop, limits, lost lease. */
  signal: AbortSignal;
  /** Throws `LeaseLost`: to be asked right before an effect outside the journal that follows long work. */
  check(): Promise<void>;
}

/** What the tools of a sandbox need of the world. */
export interface ToolContext {
  sandbox: Pick<Sandbox, 'run' | 'readFile' | 'writeFile'>;
  /** Absolute path of the worktree, and the common git dir (read-only inside). */
  worktree: string;
  gitDir: string;
  /** Default and upper limit of `bash`, in milliseconds. */
  commandTimeoutMs: number;
  newOutput(label: string): Promise<{ file: string; relative: string }>;
  /** What to do instead, when a command cannot work here (`git push`, a download): `null` when there is nothing to say. */
  hintFor(command: string, output: string): string | null;
}

export interface Tool<Context = ToolContext> {
  readonly name: string;
  readonly spec: ToolSpec;
  /** Changes nothing: needs no durable `started` mark. */
  readonly reads: boolean;
  /** Found started without result: `again` is safe (reads, whole writes, keyed effects); else its effects are unknown. */
  readonly onResume: 'again' | 'interrupted';
  /**
   * Idempotent by `call.key`, for tools with `again`: a resumed step calls again.
   *
   * @param raw the arguments as the model wrote them: JSON text that may be malformed
   */
  readonly run: (raw: string, context: Context, call: CallInfo) => Promise<ToolOutcome>;
}

export interface ToolDefinition<Schema extends z.ZodObject, Context> {
  name: string;
  description: string;
  args: Schema;
  reads?: boolean;
  onResume: 'again' | 'interrupted';
  run(args: z.infer<Schema>, context: Context, call: CallInfo): Promise<ToolOutcome>;
}

/** Binds schema, wire description and rule; arguments that do not fit never reach the rule. */
export function defineTool<Schema extends z.ZodObject, Context = ToolContext>(
  definition: ToolDefinition<Schema, Context>,
): Tool<Context> {
  const { name, description, args, onResume } = definition;
  return {
    name,
    spec: { name, description, parameters: parametersOf(args) },
    reads: definition.reads ?? false,
    onResume,
    async run(raw, context, call) {
      const read: ReadArguments<z.infer<Schema>> = readArguments(name, args, raw);
      return read.ok ? definition.run(read.value, context, call) : failed(read.problem);
    },
  };
}

export const said = (output: string): ToolOutcome => ({ output, isError: false });
export const failed = (output: string): ToolOutcome => ({ output, isError: true });
