import { nearest } from '../../../lib/text/nearest.ts';
import type { ToolSpec } from '../../model/message.ts';
import type { CallInfo, Tool, ToolOutcome } from './tool.ts';

/** A tool that knows its context. */
export interface BoundTool extends Omit<Tool, 'run'> {
  run(raw: string, call: CallInfo): Promise<ToolOutcome>;
}

/** The tools of one turn. */
export interface Toolbox {
  readonly specs: readonly ToolSpec[];
  find(name: string): BoundTool | undefined;
  /** Result text for a name that is no tool, with the nearest that is. */
  unknown(name: string): string;
}

/** @param context what all of these tools need of the world */
export function createToolbox<Context>(tools: readonly Tool<Context>[], context: Context): Toolbox {
  const byName = new Map(
    tools.map((tool) => [
      tool.name,
      { ...tool, run: (raw: string, call: CallInfo) => tool.run(raw, context, call) },
    ]),
  );
  return {
    specs: tools.map(({ spec }) => spec),
    find: (name) => byName.get(name),
    unknown(name) {
      const names = [...byName.keys()];
      const [closest] = nearest(name, names, 1);
      const guess = closest === undefined ? '' : ` Did you mean ${closest}?`;
      return `There is no tool named ${JSON.stringify(name.slice(0, 100))}.${guess} Tools: ${names.join(', ')}.`;
    },
  };
}
