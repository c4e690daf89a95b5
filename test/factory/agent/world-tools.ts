import { readArguments } from '../../../src/factory/agent/tools/arguments.ts';
import {
  type CallInfo,
  failed,
  type Tool,
  type ToolContext,
  type ToolOutcome,
} from '../../../src/factory/agent/tools/tool.ts';
import { createToolbox, type Toolbox } from '../../../src/factory/agent/tools/toolbox.ts';
import { decisionArgs } from '../../../src/factory/decisions/fork/decide.ts';
import { AGENT_TOOLS, type AgentContext } from '../../../src/factory/lifecycle/steps/agent-tools.ts';
import type { World, WorldOptions } from './support.ts';

/** What tools do instead of what they do, by their names. */
export type Fakes = Record<string, (call: CallInfo) => Promise<ToolOutcome>>;

interface Body {
  world: Pick<World, 'commands' | 'files' | 'keyed'>;
  command: WorldOptions['command'];
  /** Throws when the process has died. */
  alive(): void;
}

/** The agent's tools on a sandbox in memory. */
export function worldTools({ world, command, alive }: Body) {
  const keyed = async (name: string, call: CallInfo, change: object = {}): Promise<ToolOutcome> => {
    await call.check();
    world.keyed.set(call.key, (world.keyed.get(call.key) ?? 0) + 1);
    return { output: `${name} done`, isError: false, ...change };
  };

  /** The agent's tools, without the rules of those that need more than a sandbox. */
  function tools(change: Partial<ToolContext>, instead: Fakes): Toolbox {
    const fakes: Fakes = {
      add_tasks: (call) => keyed('add_tasks', call),
      update_task: (call) => keyed('update_task', call),
      commit: (call) => keyed('commit', call),
      finish: (call) => keyed('finish', call, { effect: 'finish' }),
      ...instead,
    };
    const own = AGENT_TOOLS.map((tool): Tool<AgentContext> => {
      const { name } = tool;
      if (name === 'propose_decision')
        return {
          ...tool,
          onResume: 'again',
          async run(raw, _context, call) {
            const read = readArguments(name, decisionArgs, raw);
            return read.ok ? keyed(name, call) : failed(read.problem);
          },
        };
      const fake = fakes[name];
      return fake === undefined ? tool : { ...tool, run: (_raw, _context, call) => fake(call) };
    });
    return createToolbox(own, { ...toolContext(), ...change } as AgentContext);
  }

  function toolContext(): ToolContext {
    return {
      worktree: '/w',
      gitDir: '/g',
      commandTimeoutMs: 60_000,
      newOutput: async (label) => ({ file: `/out/${label}`, relative: `output/${label}` }),
      hintFor: (command) => (command.startsWith('git push') ? 'pushing is switched off' : null),
      sandbox: {
        async run(request) {
          alive();
          world.commands.push(request.command);
          const result = (await command?.(request)) ?? {};
          return {
            exitCode: 0,
            ended: 'exit',
            durationMs: 1,
            output: `ran ${request.command}`,
            outputBytes: 1,
            truncated: false,
            outputHash: '0',
            ...result,
          };
        },
        async readFile(_worktree, _gitDir, path) {
          const value = world.files.get(path);
          return value === undefined ? { ok: false, problem: `${path} is not there.` } : { ok: true, value };
        },
        async writeFile(_worktree, _gitDir, path, content) {
          alive();
          world.files.set(path, content);
          return { ok: true, value: undefined };
        },
      },
    };
  }

  return tools;
}
