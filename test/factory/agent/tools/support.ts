import type { ToolContext, ToolOutcome } from '../../../../src/factory/agent/tools/tool.ts';
import { createWorld, saying, type WorldOptions } from '../support.ts';

const call = { key: 'engineer/1/0', signal: new AbortController().signal, check: async () => {} };

export async function run(
  name: string,
  args: unknown,
  options: {
    files?: Record<string, string>;
    command?: WorldOptions['command'];
    change?: Partial<ToolContext>;
  } = {},
): Promise<ToolOutcome & { files: Map<string, string>; commands: string[] }> {
  const world = createWorld({
    model: saying(),
    ...(options.command === undefined ? {} : { command: options.command }),
  });
  for (const [path, text] of Object.entries(options.files ?? {})) world.files.set(path, text);
  const tool = world.deps(options.change).tools.find(name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const raw = typeof args === 'string' ? args : JSON.stringify(args);
  const outcome = await tool.run(raw, call);
  return { ...outcome, files: world.files, commands: world.commands };
}
